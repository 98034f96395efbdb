// Posts events to the page that embeds us: to exact origins on the allow-list, in the order of their seq, once each.
//
// Each message of the stream says after which seq it comes. What comes too early waits for what is missing; what
// doesn't come at all is asked for with a new connection. A pop that another tab did not show is out of the stream.

import { targets } from "../shared/embedder.js";

const REMEMBERED = 5000;
const REMEMBERED_POPS = 20;
const MOST_HELD = 1000;
const GAP_MS = 3000;

/** Posts what the server says is to be posted. */
export class Poster {
  #origins;
  #tell;
  #seq = 0;
  #held = [];
  #gap = null;
  #posted = new Set();
  #pops = new Set();
  #ahead = Infinity;

  /**
   * allowedOrigins: exact origins; ours is among them.
   * tell: posted(eventId) when an event is wanted to be acknowledged, late(eventId) when it came too late to be posted
   *   without asking, gap() when something is missing.
   */
  constructor(allowedOrigins, tell) {
    this.#origins = targets(allowedOrigins);
    this.#tell = tell;
  }

  /** What the server has to know when the connection is made: {seq, posted}. */
  standing() {
    return { seq: this.#seq, posted: [...this.#pops] };
  }

  /** The server's `state`: {seq, now}, where it goes on from and its clock in ms. */
  start({ seq, now }) {
    this.#held = [];
    this.#seq = seq;
    this.#ahead = Date.now() - now;
    clearTimeout(this.#gap);
    this.#gap = null;
  }

  /**
   * Take a `post` {message, seq?, after?, ack?, until?} or a `passed` {seq, after}.
   * Returns how many replayed events were posted that were news to the page.
   */
  take(message) {
    if (!Number.isSafeInteger(message.after)) return this.#post(message);
    this.#held.push(message);
    const count = this.#goOn();
    if (this.#held.length > MOST_HELD) this.#tell.gap();
    else this.#watchGap();
    return count;
  }

  #goOn() {
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
      this.#gap ??= setTimeout(() => this.#tell.gap(), GAP_MS);
    }
  }

  #post({ message, ack, until }) {
    if (typeof message !== "string" || this.#origins.length === 0) return 0; // nobody hears it: it isn't acknowledged
    const meta = metaOf(message);
    if (!this.#posted.has(meta.id)) {
      // A frozen page wakes up to pops that another tab has shown meanwhile.
      if (ack && until !== undefined && Date.now() - this.#ahead > until) {
        this.#tell.late(ack);
        return 0;
      }
      for (const origin of this.#origins) window.parent.postMessage(message, origin);
      remember(this.#posted, meta.id, REMEMBERED);
      if (ack) remember(this.#pops, ack, REMEMBERED_POPS);
    } else if (!ack) {
      return 0;
    }
    if (ack) this.#tell.posted(ack);
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
