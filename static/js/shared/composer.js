// Writing a message: shown at once as on its way, until the server has it.

import { newId, errorWords } from "./page.js";
import { pendingLine, scrollToEnd } from "./regions.js";

/** Send what stands in `form`; `send(text, id)` resolves to undefined or the error. */
export function submit(form, log, send) {
  const field = form.querySelector("textarea");
  const text = field.value.trim();
  if (text === "" || field.disabled) return;
  field.value = "";
  fit(field);
  field.focus();
  deliver(log, text, newId(), send);
}

/** Enter sends, Shift and Enter makes a new line; not while an input method composes. */
export function onKey(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("form[data-send] textarea")) {
    return;
  }
  event.preventDefault();
  event.target.form.requestSubmit();
}

/** Let the field grow with its text, up to a few lines; without style attributes. */
export function fit(field) {
  field.rows = Math.min(5, Math.max(1, field.value.split("\n").length + Math.floor(field.value.length / 60)));
}

async function deliver(log, text, id, send) {
  const line = pendingLine(log, id) ?? showPending(log, text, id);
  line.classList.remove("is-failed");
  line.querySelector(".line-state").replaceChildren("Sending…");
  const error = await send(text, id);
  if (error === undefined) {
    // The line itself comes from the server; in the meantime it is no longer on its way.
    if (line.isConnected) line.querySelector(".line-state").replaceChildren("");
    return;
  }
  line.classList.add("is-failed");
  const again = document.createElement("button");
  again.type = "button";
  again.className = "button button-small";
  again.textContent = "Try again";
  again.addEventListener("click", () => deliver(log, text, id, send));
  line.querySelector(".line-state").replaceChildren(`Not sent. ${errorWords(error)} `, again);
}

function showPending(log, text, id) {
  const line = document.createElement("div");
  line.className = "line is-own is-pending";
  line.dataset.pending = id;
  line.append(part("line-text", text), part("line-state", ""));
  log.append(line);
  scrollToEnd(log);
  return line;
}

function part(name, text) {
  const paragraph = document.createElement("p");
  paragraph.className = name;
  paragraph.dir = "auto";
  paragraph.textContent = text;
  return paragraph;
}
