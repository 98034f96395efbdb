// The tab id, which all adapters of a page share, and when the agent used the page.
//
// Adapters find their siblings by parent.frames; the first one's id counts. They run on one thread, so there is no race.
// Storage isn't used, since it throws in other companies' pages.

import { newId } from "../shared/page.js";

const NAME = "patchbayTab";
const MOST_FRAMES = 100;
const USED_EVERY_MS = 1000;

// A page that is visible while it loads counts as used.
let usedAt = document.visibilityState === "visible" ? performance.now() : null;

/** Returns this page's tab id, which the adapters beside it share. */
export function tabId() {
  if (!window[NAME]) {
    Object.defineProperty(window, NAME, { value: findSharedId() ?? newId() });
  }
  return window[NAME];
}

/** Returns the milliseconds since the agent used this page, or null if they haven't. */
export function usedMs() {
  return usedAt === null ? null : Math.round(performance.now() - usedAt);
}

/**
 * Calls `used` when the agent switches to this page, or uses it (at most once a second). A parent page of our own origin
 * counts too. `used` returns whether it could be sent; otherwise `usedMs` is sent with the next connection.
 */
export function onUse(used) {
  let last = -Infinity;
  const tell = (event) => {
    if (document.visibilityState !== "visible") return;
    usedAt = performance.now();
    const turnsHere = event.type === "visibilitychange" || event.target === event.currentTarget;
    if ((turnsHere || usedAt - last >= USED_EVERY_MS) && used()) last = usedAt;
  };
  const stop = new AbortController();
  for (const view of [window, parentOfOurs()]) {
    if (view === null) continue;
    for (const type of ["focus", "pointerdown", "keydown"]) {
      view.addEventListener(type, tell, { capture: true, passive: true, signal: stop.signal });
    }
  }
  document.addEventListener("visibilitychange", tell);
  addEventListener("pagehide", (event) => {
    if (!event.persisted) stop.abort();
  });
}

function findSharedId() {
  if (window.parent === window) return null;
  for (let index = 0; index < Math.min(window.parent.length, MOST_FRAMES); index += 1) {
    const sibling = window.parent[index];
    if (sibling === window) continue;
    const id = read(() => sibling[NAME]);
    if (typeof id === "string") return id;
  }
  return null;
}

function parentOfOurs() {
  if (window.parent === window) return null;
  return read(() => window.parent.document && window.parent);
}

// Reading properties of another origin's window throws.
function read(get) {
  try {
    return get() ?? null;
  } catch {
    return null;
  }
}
