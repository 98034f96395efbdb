// Turns texts into HTML; no other module does. The Trusted Types policy accepts only texts that came over our own socket
// or were fetched from our own origin; everything else throws.

let admitted = null;

const policy = globalThis.trustedTypes?.createPolicy("patchbay-fragment", {
  createHTML(text) {
    if (admitted === null || text !== admitted) {
      throw new TypeError("only fragments of our own server become HTML");
    }
    return text;
  },
});

const OURS = Symbol("made in this module");

/** A piece of HTML from our own server. */
export class Fragment {
  #html;

  constructor(key, html) {
    if (key !== OURS || typeof html !== "string") {
      throw new TypeError("fragments are made by readSocket and fetchFragment only");
    }
    this.#html = html;
  }

  /** Tells whether two fragments have the same HTML. */
  equals(other) {
    return other instanceof Fragment && other.#html === this.#html;
  }

  /** Returns new nodes that aren't in the document yet. */
  nodes() {
    const template = document.createElement("template");
    admitted = this.#html;
    try {
      template.innerHTML = policy ? policy.createHTML(this.#html) : this.#html;
    } finally {
      admitted = null;
    }
    return template.content;
  }
}

/** Parses a socket message, with its HTML as fragments. Returns null if it isn't from our socket, or no JSON object. */
export function readSocket(event) {
  if (!(event.target instanceof WebSocket) || typeof event.data !== "string") return null;
  if (new URL(event.target.url).host !== location.host) return null;
  const message = parse(event.data);
  if (message === null || typeof message !== "object" || typeof message.op !== "string") return null;
  if (typeof message.html === "string") {
    message.html = new Fragment(OURS, message.html);
  } else if (message.html && typeof message.html === "object") {
    message.html = new Map(Object.entries(message.html).map(([id, html]) => [id, new Fragment(OURS, html)]));
  }
  return message;
}

/** Fetches a fragment from our own origin. Throws if the server refuses or can't be reached. */
export async function fetchFragment(path) {
  const url = new URL(path, location.origin);
  if (url.origin !== location.origin) throw new TypeError("fragments come from our own origin only");
  const response = await fetch(url, { credentials: "same-origin", redirect: "error" });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return new Fragment(OURS, await response.text());
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
