// Loads the record of an offered session into a hidden frame, so that it is there when the agent answers. A declined offer
// throws it away. Only where the shell has a window of its own, and the CRM's page answered that it may be framed.
import { element } from "./elements.js";
import { mayFrame } from "./framing.js";
import { insertFrame } from "./record_frames.js";

/**
 * `isOn` is the setting preload_on_offer; `allows(url)` is the shell's check of addresses: why one may not be shown, or "".
 *
 * Returns take(url): {panel, frame, isPreloaded} of a waiting frame, or null; take.urlOf(session): the address that waits
 * for a session, or null.
 */
export function preloadRecords(panels, framing, isOn, allows) {
  if (!isOn || window.top !== window) return Object.assign(() => null, { urlOf: () => null });
  const waiting = new Map(); // url to {panel, frame}, or null while the CRM is asked
  const urls = new Map(); // session id to url

  function drop(url) {
    waiting.get(url)?.panel.remove();
    waiting.delete(url);
  }

  async function load(url) {
    if (waiting.has(url)) return;
    waiting.set(url, null);
    if (!(await mayFrame(framing, url))) return;
    if (!waiting.has(url)) return; // declined, or shown, meanwhile
    const panel = element("div", { class: "shell-record is-waiting", "aria-hidden": "true", inert: "" });
    panels.append(panel);
    waiting.set(url, { panel, frame: insertFrame(panel, { title: "CRM record", url, sandbox: framing.sandbox }) });
  }

  function isShown(url) {
    return [...panels.querySelectorAll('[role="tabpanel"] iframe')].some((frame) => frame.src === url);
  }

  document.addEventListener("patchbay:desk", ({ detail }) => {
    for (const [session, address] of Object.entries(detail?.records ?? {})) {
      if (typeof address !== "string" || !URL.canParse(address) || allows(address)) continue;
      const url = new URL(address).href;
      if (urls.get(session) !== url) forget(session);
      urls.set(session, url);
      if (!isShown(url)) load(url);
    }
  });

  function forget(session) {
    const url = urls.get(session);
    urls.delete(session);
    if (url !== undefined && ![...urls.values()].includes(url)) drop(url);
  }

  document.addEventListener("patchbay:gone", ({ detail: { session } }) => forget(session));

  function take(url) {
    const found = waiting.get(url) ?? null;
    waiting.delete(url);
    if (!found) return null;
    found.panel.classList.remove("is-waiting");
    found.panel.removeAttribute("aria-hidden");
    found.panel.removeAttribute("inert");
    return { ...found, isPreloaded: true };
  }

  return Object.assign(take, { urlOf: (session) => (waiting.get(urls.get(session)) ? urls.get(session) : null) });
}
