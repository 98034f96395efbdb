// "Is writing": tells the other side while somebody types, and shows when the other side does.

const TELL_EVERY_MS = 3000;
const SHOWN_FOR_MS = 6000;

const toldAt = new Map();
const timers = new Map();

/** Calls `tell` for a chat whose text changes, at most every three seconds. */
export function changed(sessionId, text, tell) {
  const now = performance.now();
  if (text.trim() === "" || now - (toldAt.get(sessionId) ?? -Infinity) < TELL_EVERY_MS) return;
  toldAt.set(sessionId, now);
  tell();
}

/** Notes that a message was sent, so that the next text is told at once. */
export function sent(sessionId) {
  toldAt.delete(sessionId);
}

/** Shows for some seconds that the other side of a chat is writing. */
export function show(sessionId) {
  const line = lineOf(sessionId);
  if (!line) return;
  line.hidden = false;
  clearTimeout(timers.get(sessionId));
  timers.set(sessionId, setTimeout(() => hide(sessionId), SHOWN_FOR_MS));
}

/** Hides it, since the message has come. */
export function hide(sessionId) {
  const line = lineOf(sessionId);
  if (line) line.hidden = true;
}

function lineOf(sessionId) {
  return document.querySelector(`[data-typing="${Number(sessionId)}"]`);
}
