// The event log: a line for each event, with its data in a details element.
import { element } from "./elements.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }); // slow to create
const FLUSH_MS = 100;
const MOST = 500; // older entries are removed to limit memory

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
  const words = [time, " ", text]; // the blank is for copying and for screen readers
  if (!detail) return element("div", { class: "shell-entry", "data-kind": kind }, ...words);
  const unfolding = element("details", {}, element("summary", {}, ...words));
  const unfold = () => unfolding.append(element("pre", { tabindex: "0" }, pretty(detail)));
  unfolding.addEventListener("toggle", unfold, { once: true }); // filled when opened, since few are
  return element("div", { class: "shell-entry", "data-kind": kind }, unfolding);
}

export function showEvents(log) {
  let waiting = [];
  let timer = 0;
  let following = true; // false after the agent has scrolled up

  // Adds entries in batches: reading heights after each of a thousand entries would lay the page out a thousand times.
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
