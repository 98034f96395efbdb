// The event log: one line per event, and what it carried when the line is unfolded.
import { element } from "./elements.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }); // to make one takes long
const FLUSH_MS = 100;
const MOST = 500; // older entries go, so that a day's work doesn't fill the memory

function pretty(detail) {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2);
  } catch {
    return detail; // a traceback, or an address
  }
}

function entry({ kind, line, detail, at }) {
  const time = element("time", { datetime: at.toISOString() }, clock.format(at));
  const text = element("bdi", { class: "shell-entry-line" }, line);
  const words = [time, " ", text]; // the blank is for those who copy the log, or hear it
  if (!detail) return element("div", { class: "shell-entry", "data-kind": kind }, ...words);
  const unfolding = element("details", {}, element("summary", {}, ...words));
  const unfold = () => unfolding.append(element("pre", { tabindex: "0" }, pretty(detail)));
  unfolding.addEventListener("toggle", unfold, { once: true }); // few are ever looked at
  return element("div", { class: "shell-entry", "data-kind": kind }, unfolding);
}

export function showEvents(log) {
  let waiting = [];
  let timer = 0;
  let following = true; // who has scrolled up to read stays there

  // Asking for heights after each of a thousand entries would lay the page out a thousand times: so many at once.
  function flush() {
    timer = 0;
    log.querySelector(".shell-log-empty")?.remove();
    log.append(...waiting.map(entry));
    waiting = [];
    while (log.childElementCount > MOST) log.firstElementChild.remove();
    if (following) log.scrollTop = log.scrollHeight;
  }

  log.addEventListener("scroll", () => {
    following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }, { passive: true });
  document.addEventListener("patchbay:log", ({ detail: { kind, line, detail } }) => {
    waiting.push({ kind, line, detail, at: new Date() });
    if (waiting.length > MOST) waiting.shift();
    timer ||= setTimeout(flush, FLUSH_MS);
  });
}
