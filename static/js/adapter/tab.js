// One tab id for all adapters of one page, and word of when the agent used it.
//
// Siblings of our origin are found over parent.frames; whoever was there first keeps the id. They run on one
// thread, so looking and setting can't cross. No storage: in a foreign page it throws.

import { newId } from "../shared/page.js";

const NAME = "patchbayTab";
const MOST_FRAMES = 100;
const USED_EVERY_MS = 1000;

// A page that loads before the agent's eyes is in use.
let usedAt = document.visibilityState === "visible" ? performance.now() : null;

/** This page's tab id, agreed with the adapters beside it. */
export function tabId() {
  if (!window[NAME]) {
    Object.defineProperty(window, NAME, { value: elder() ?? newId() });
  }
  return window[NAME];
}

/** How long ago the agent used this page, in whole milliseconds; null: not yet. */
export function usedMs() {
  return usedAt === null ? null : Math.round(performance.now() - usedAt);
}

/**
 * Call `used` when the agent turns to this page, or does something here (that at most once a second). Here is also the
 * page around us where that is ours. What can't be said now, `usedMs` tells when the connection is back.
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

function elder() {
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

// Whatever belongs to another origin throws when it is read.
function read(look) {
  try {
    return look() ?? null;
  } catch {
    return null;
  }
}
