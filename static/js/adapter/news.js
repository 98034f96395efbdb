// Messages of consumers that nobody has looked at yet: in a chat that isn't in front, or while the page is in the background.

const SHORT = 60;

const waiting = new Map(); // session id to {count, words}

/** Returns {count, words}: how many there are, and `Felix: Where is…` of the newest. */
export function news() {
  const all = [...waiting.values()];
  return { count: all.reduce((sum, { count }) => sum + count, 0), words: all.at(-1)?.words ?? "" };
}

/** Takes a message that has just come into a log; returns whether nobody has looked at it. */
export function take(line) {
  const panel = line?.closest("[data-session]");
  if (!panel || line.dataset.sender !== "end_user" || isSeen(panel)) return false;
  const { session, caller } = panel.dataset;
  const count = (waiting.get(session)?.count ?? 0) + 1;
  waiting.delete(session); // the newest is last
  waiting.set(session, { count, words: `${caller}: ${short(line.querySelector(".line-text").textContent.trim())}` });
  return true;
}

/** Forgets what is in view now, and what is gone. */
export function look() {
  for (const session of waiting.keys()) {
    const panel = document.getElementById(`chat-${session}`);
    if (!panel || isSeen(panel)) waiting.delete(session);
  }
}

function isSeen(panel) {
  return !panel.hidden && document.visibilityState === "visible";
}

function short(text) {
  const line = text.replace(/\s+/g, " ");
  return line.length <= SHORT ? line : `${line.slice(0, SHORT - 1)}…`;
}
