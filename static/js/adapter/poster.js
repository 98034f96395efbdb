// Posts events to the embedding page: to exact origins on the allow-list, in the order of their seq, once each.
//
// Each message of the stream names the seq before it. A message that comes too early waits for the missing ones; if they
// don't come, a new connection brings them. A pop that this tab claims later isn't part of the stream.

import { targets } from "../shared/embedder.js";

const REMEMBERED = 5000;
const REMEMBERED_POPS = 20;
const MOST_HELD = 1000;
const GAP_MS = 3000;

/** Posts the messages of the server. */
export class Poster {
  #origins;
  #listener;
  #seq = 0;
  #held = [];
  #gap = null;
  #posted = new Set();
  #pops = new Set();
  #clockOffset = Infinity;

  /**
   * allowedOrigins: exact origins, with our own.
   * listener: posted(eventId) to acknowledge an event, late(eventId) for one that came too late to be posted without asking
   *   the server, gap() when messages are missing.
   */
  constructor(allowedOrigins, listener) {
    this.#origins = targets(allowedOrigins);
    this.#listener = listener;
  }

  /** The part of `hello` about posted events: {seq, posted}. */
  state() {
    return { seq: this.#seq, posted: [...this.#pops] };
  }

  /** Handles `state` {seq, now}: where the stream goes on, and the server's clock in ms. */
  start({ seq, now }) {
    this.#held = [];
    this.#seq = seq;
    this.#clockOffset = Date.now() - now;
    clearTimeout(this.#gap);
    this.#gap = null;
  }

  /**
   * Handles `post` {message, seq?, after?, ack?, until?} or `passed` {seq, after}.
   * Returns the number of replayed events that were posted for the first time.
   */
  take(message) {
    if (!Number.isSafeInteger(message.after)) return this.#post(message);
    this.#held.push(message);
    const count = this.#postReady();
    if (this.#held.length > MOST_HELD) this.#listener.gap();
    else this.#watchGap();
    return count;
  }

  #postReady() {
    let count = 0;
    for (let next; (next = this.#held.findIndex((each) => each.after <= this.#seq)) >= 0; ) {
      const [message] = this.#held.splice(next, 1);
      count += this.#post(message);
      this.#seq = Math.max(this.#seq, message.seq);
    }
    return count;
  }

  #watchGap() {
    if (this.#held.length === 0) {
      clearTimeout(this.#gap);
      this.#gap = null;
    } else {
      this.#gap ??= setTimeout(() => this.#listener.gap(), GAP_MS);
    }
  }

  #post({ message, ack, until }) {
    if (typeof message !== "string" || this.#origins.length === 0) return 0; // there is no page to post to, so it isn't acknowledged
    const meta = metaOf(message);
    if (!this.#posted.has(meta.id)) {
      // A frozen page wakes up to pops that another tab may have shown meanwhile.
      if (ack && until !== undefined && Date.now() - this.#clockOffset > until) {
        this.#listener.late(ack);
        return 0;
      }
      for (const origin of this.#origins) window.parent.postMessage(message, origin);
      remember(this.#posted, meta.id, REMEMBERED);
      if (ack) remember(this.#pops, ack, REMEMBERED_POPS);
    } else if (!ack) {
      return 0;
    }
    if (ack) this.#listener.posted(ack);
    return meta.replayed === true ? 1 : 0;
  }
}

function metaOf(message) {
  try {
    return JSON.parse(message).meta ?? {};
  } catch {
    return {};
  }
}

function remember(set, value, most) {
  set.add(value);
  if (set.size > most) set.delete(set.values().next().value);
}
