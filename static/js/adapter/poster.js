// Posts events to the page that embeds us: to exact origins on the allow-list, as the server says them, once each.
//
// The server sends them in the order of their seq. Seqs have gaps here: what another tab shows is left out.

import { targets } from "./embedder.js";

const REMEMBERED = 5000;

/** Posts what the server says is to be posted. */
export class Poster {
  #origins;
  #acknowledge;
  #last = 0;
  #posted = new Set();

  /**
   * allowedOrigins: exact origins; ours is among them.
   * acknowledge(eventId): tells the server that the event was posted.
   */
  constructor(allowedOrigins, acknowledge) {
    this.#origins = targets(allowedOrigins);
    this.#acknowledge = acknowledge;
  }

  /** The seq of the newest event that was posted. */
  get seq() {
    return this.#last;
  }

  /** Take a `post` from the server: {message, seq, ack?}; returns whether it was a replayed one, and news to us. */
  take({ message, seq, ack }) {
    if (typeof message !== "string" || !Number.isSafeInteger(seq)) return false;
    this.#last = Math.max(this.#last, seq);
    if (this.#origins.length === 0) return false; // nobody hears it, so it isn't acknowledged either
    const isNews = !this.#posted.has(seq);
    if (isNews) {
      for (const origin of this.#origins) window.parent.postMessage(message, origin);
      remember(this.#posted, seq);
    }
    if (ack) this.#acknowledge(ack);
    return isNews && isReplayed(message);
  }
}

function isReplayed(message) {
  try {
    return JSON.parse(message).meta?.replayed === true;
  } catch {
    return false;
  }
}

function remember(set, value) {
  set.add(value);
  if (set.size > REMEMBERED) set.delete(set.values().next().value);
}
