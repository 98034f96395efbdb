// Tells the server which messages of the other side this page shows, and which of them were in view.

import { isAtEnd } from "./new_messages.js";

const WAIT_MS = 300;

/**
 * Reports on logs. `logs()` returns [{sessionId, log}, ...]; `send({session_id, delivered, seen})` returns whether it could
 * be sent. The returned function `check()` looks again soon; `forget()` reports everything anew, after a reconnect.
 */
export function reports(logs, send) {
  const told = new Map();
  let timer = null;

  function look() {
    timer = null;
    for (const { sessionId, log } of logs()) {
      const delivered = newest(log);
      if (delivered === 0) continue;
      const before = told.get(sessionId) ?? { delivered: 0, seen: 0 };
      const seen = isInView(log) ? delivered : before.seen;
      if (delivered <= before.delivered && seen <= before.seen) continue;
      if (send({ session_id: sessionId, delivered, seen })) told.set(sessionId, { delivered, seen });
    }
  }

  const check = () => (timer ??= setTimeout(look, WAIT_MS));
  document.addEventListener("visibilitychange", check);
  document.addEventListener("scroll", check, { capture: true, passive: true });
  addEventListener("focus", check);
  addEventListener("resize", check);
  return { check, forget: () => told.clear() };
}

function newest(log) {
  const lines = log.querySelectorAll(".line:not(.is-own, .from-system)");
  return Number(lines[lines.length - 1]?.dataset.order ?? 0);
}

// A frame that its page hides has no height.
function isInView(log) {
  return document.visibilityState === "visible" && innerHeight > 0 && log.offsetParent !== null && isAtEnd(log);
}
