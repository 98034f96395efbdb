// The input for messages: a sent message shows at once as pending, until the server has it.

import * as drafts from "./drafts.js";
import { newId, errorWords } from "./page.js";
import { pendingLine, scrollToEnd } from "./regions.js";
import * as typing from "./typing.js";

/** Sends the text in `form`; `send(text, id)` resolves to undefined or the error. */
export function submit(form, log, send) {
  const field = form.querySelector("textarea");
  const text = field.value.trim();
  if (text === "" || field.disabled) return;
  field.value = "";
  drafts.keep(form);
  typing.sent(form.dataset.send);
  fit(field);
  field.focus();
  deliver(log, text, newId(), send);
}

/** Sends a file; `send(id)` resolves to undefined or the error. */
export function sendFile(log, file, send) {
  deliver(log, file.name, newId(), (_text, id) => send(id));
}

/** Puts drafts back into the forms below `root`. */
export function restoreDrafts(root) {
  for (const form of root.querySelectorAll("form[data-send]")) if (drafts.restore(form)) fit(form.querySelector("textarea"));
}

/** Handles typing in a form: keeps the draft, sets the height, and lets `tell(sessionId)` tell the other side. */
export function onInput({ target }, tell) {
  if (!target.matches?.("form[data-send] textarea")) return;
  const { send } = target.form.dataset;
  fit(target);
  drafts.keep(target.form);
  typing.changed(send, target.value, () => tell(Number(send)));
}

/** Sends on Enter; not with Shift, and not while an input method composes. */
export function onKey(event) {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches?.("form[data-send] textarea")) {
    return;
  }
  event.preventDefault();
  event.target.form.requestSubmit();
}

/** Sets the field's height by its text, up to five rows, without style attributes. */
function fit(field) {
  field.rows = Math.min(5, Math.max(1, field.value.split("\n").length + Math.floor(field.value.length / 60)));
}

async function deliver(log, text, id, send) {
  const line = pendingLine(log, id) ?? showPending(log, text, id);
  line.classList.remove("is-failed");
  line.querySelector(".line-state").replaceChildren("Sending…");
  const error = await send(text, id);
  if (error === undefined) {
    // The final element comes from the server; until then this one is no longer pending.
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
