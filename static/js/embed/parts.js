// Functions that /embed.js and /consumer.js share. The server joins the files of this folder into one script each, inside
// one function, so that one tag is enough and there is only one global.
//
// The page's policy must allow this host in script-src and frame-src only: styles are constructed sheets in a shadow tree.
// Frames are slotted into it; inside a shadow tree they would be missing in window.frames, where adapters find each other.

let script = ofDocument("currentScript");
if (!(script instanceof HTMLScriptElement)) throw new TypeError("Patchbay: this file is for a script tag of its own");
const HOST = new URL(script.src).origin;
const LARGEST_BYTES = 65536;

/** Returns a property of the document itself; `<img name="currentScript">` would hide it in `document`. */
function ofDocument(name) {
  return Reflect.get(Document.prototype, name, document);
}

/** Returns the value of `data-<name>` of our tag. */
function option(name, otherwise = "") {
  return script.getAttribute(`data-${name}`) ?? otherwise;
}

function warn(words) {
  console.warn(`Patchbay: ${words}`);
}

function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Makes a frame with a page of this host; it loads when it is added to the page. */
function frameOf(path, attributes) {
  return element("iframe", { src: HOST + path, allow: "microphone; camera; geolocation", ...attributes });
}

/** Makes an element with `parts` in its shadow tree, which the page's styles don't affect, and `slotted` as children. */
function box(name, css, parts, slotted) {
  const made = element(name, {}, ...slotted);
  const shadow = made.attachShadow({ mode: "open" });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  shadow.adoptedStyleSheets = [sheet];
  shadow.append(...parts);
  return made;
}

/** Returns the parent of our elements: beside the body, so that a page that replaces its body doesn't remove them. */
function besideBody() {
  return ofDocument("documentElement");
}

/** Adds `made` to the element `home()`, and again whenever the page has removed it. */
function keep(made, home) {
  let timer = 0;
  const settle = () => {
    timer = 0;
    const place = home();
    if (made.parentNode !== place) move(made, place);
  };
  const check = () => {
    if (made.parentNode !== home()) timer ||= setTimeout(settle); // not at once, since another script may be changing the page
  };
  settle();
  new MutationObserver(check).observe(document, { childList: true, subtree: true });
}

/** Moves an element. A moved frame reloads, unless it is in the page and the browser has moveBefore. */
function move(made, place) {
  if (made.isConnected && place.moveBefore) place.moveBefore(made, null);
  else place.append(made);
}

/**
 * Defines `window[name]`, and calls `start` once the page has been parsed; both only once. If a tag comes again with a new
 * body, it replaces the one of the old body; a second tag beside the first does nothing.
 */
function defineOnce(name, api, start) {
  const type = `patchbay:${name}`;
  if (Object.hasOwn(window, name)) {
    const isBeside = document.dispatchEvent(new CustomEvent(type, { cancelable: true, detail: script }));
    if (isBeside) warn(`${new URL(script.src).pathname.slice(1)} stands in this page twice; the second one does nothing.`);
    return;
  }
  document.addEventListener(type, (again) => {
    const next = again.detail;
    if (script.isConnected || !(next instanceof HTMLScriptElement) || new URL(next.src).origin !== HOST) return;
    script = next;
    again.preventDefault();
  });
  Object.defineProperty(window, name, { value: Object.freeze(api), configurable: true, enumerable: true, writable: true });
  whenReady(start);
}

/** Calls `work` once the page has been parsed and its non-async scripts have run. */
function whenReady(work) {
  if (ofDocument("readyState") === "loading") document.addEventListener("DOMContentLoaded", work, { once: true });
  else work();
}

const COLORS = `
  :host { color-scheme: light dark; --face: #fff; --text: #18202c; --line: #7a879b; --accent: #1d5bbf; --on-accent: #fff; }
  @media (prefers-color-scheme: dark) {
    :host { --face: #181e28; --text: #e8edf5; --line: #76849a; --accent: #82b1ff; --on-accent: #0b1c38; }
  }
  button {
    min-height: 40px; padding: 0 16px; border: 1px solid var(--line); border-radius: 20px; cursor: pointer;
    background: var(--face); color: var(--text); font: 600 14px/1.2 system-ui, sans-serif; pointer-events: auto;
    box-shadow: 0 1px 2px rgb(16 24 40 / 20%);
  }
  button[aria-pressed="true"], button[aria-expanded="false"] {
    background: var(--accent); border-color: var(--accent); color: var(--on-accent);
  }
  button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
  ::slotted(iframe) {
    border: 1px solid var(--line) !important; border-radius: 12px !important; background: var(--face) !important;
    box-shadow: 0 4px 24px rgb(16 24 40 / 25%) !important; pointer-events: auto !important;
    max-width: calc(100vw - 16px) !important; max-height: calc(100dvh - 72px) !important; box-sizing: border-box !important;
  }
  ::slotted([hidden]) { display: none !important; }
`;
