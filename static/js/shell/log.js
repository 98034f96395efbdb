// The event log: a line for each event, with its data in a details element.
import { element } from "./elements.js";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" }); // slow to create
const FLUSH_MS = 100;
const LONGEST = 120; // characters of a line; all of it is in the details
const MOST = 500; // older entries are removed to limit memory

function pretty(detail) {
  try {
    return JSON.stringify(JSON.parse(detail), null, 2);
  } catch {
    return detail; // a traceback, or an address
  }
}

const cut = (line) => (line.length > LONGEST ? `${line.slice(0, LONGEST - 1).toWellFormed()}…` : line);

function entry({ kind, line, detail, at }) {
  const time = element("time", { datetime: at.toISOString() }, clock.format(at));
  const text = element("bdi", { class: "shell-entry-line" }, cut(line));
  const words = [time, " ", text]; // the blank is for copying and for screen readers
  if (!detail) return element("div", { class: "shell-entry", "data-kind": kind }, ...words);
  const unfolding = element("details", {}, element("summary", {}, ...words));
  const unfold = () => unfolding.append(element("pre", { tabindex: "0" }, pretty(detail)));
  unfolding.addEventListener("toggle", unfold, { once: true }); // filled when opened, since few are
  return element("div", { class: "shell-entry", "data-kind": kind }, unfolding);
}

/** Shows the log; `fold` is the button that gives it more than one line. */
export function showEvents(log, fold) {
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

  function unfold(isOpen) {
    const wasFollowing = following;
    fold.setAttribute("aria-expanded", String(isOpen));
    if (wasFollowing) log.scrollTop = log.scrollHeight;
  }

  fold.addEventListener("click", () => unfold(fold.getAttribute("aria-expanded") === "false"));
  log.addEventListener("toggle", ({ target }) => target.open && unfold(true), { capture: true });
  log.addEventListener("scroll", () => {
    following = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
  }, { passive: true });
  document.addEventListener("patchbay:log", ({ detail: { kind, line, detail } }) => {
    waiting.push({ kind, line, detail, at: new Date() });
    if (waiting.length > MOST) waiting.shift();
    timer ||= setTimeout(flush, FLUSH_MS);
  });
}
