// One tab id for all adapters of one page, and word of when the agent used it.
//
// Siblings of our origin are found over parent.frames; whoever was there first keeps the id. They run on one
// thread, so looking and setting can't cross. No storage: in a foreign page it throws.

import { newId } from "./page.js";

const NAME = "patchbayTab";
const MOST_FRAMES = 100;
const USED_EVERY_MS = 1000;

/** This page's tab id, agreed with the adapters beside it. */
export function tabId() {
  if (!window[NAME]) {
    Object.defineProperty(window, NAME, { value: elder() ?? newId() });
  }
  return window[NAME];
}

/** Call `used` when the agent does something here, or in the page around us where that is ours; at most once a second. */
export function onUse(used) {
  let last = -Infinity;
  const tell = () => {
    const now = performance.now();
    if (document.visibilityState !== "visible" || now - last < USED_EVERY_MS) return;
    if (used()) last = now;
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
