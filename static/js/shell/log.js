// The event log: one line per event, and what it carried when the line is unfolded.
import { element } from "./elements.js";

const MOST = 500; // older entries go, so that a day's work doesn't fill the memory

function pretty(detail) {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2);
  } catch {
    return detail; // a traceback, or an address
  }
}

function entry({ kind, line, detail }, now) {
  const time = element("time", { datetime: now.toISOString() }, now.toLocaleTimeString());
  const text = element("span", { class: "shell-entry-line" }, line);
  if (!detail) return element("div", { class: "shell-entry", "data-kind": kind }, time, text);
  const summary = element("summary", {}, time, text);
  const unfolding = element("details", {}, summary, element("pre", { tabindex: "0" }, pretty(detail)));
  return element("div", { class: "shell-entry", "data-kind": kind }, unfolding);
}

export function showEvents(log) {
  document.addEventListener("patchbay:log", ({ detail }) => {
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    log.querySelector(".shell-log-empty")?.remove();
    log.append(entry(detail, new Date()));
    while (log.childElementCount > MOST) log.firstElementChild.remove();
    if (atEnd) log.scrollTop = log.scrollHeight; // who has scrolled up to read stays there
  });
}
