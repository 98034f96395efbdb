// Chat tabs: selects the panel by pointer and arrow keys. The server stores the tab in front; the page shows it at once.

import { scrollToEnd } from "../shared/regions.js";

let wanted = null;

const tabs = () => Array.from(document.querySelectorAll('#chat-tabs [role="tab"]'));
const panels = () => Array.from(document.getElementById("panels").children);

/** Shows a chat before the server has confirmed it. */
export function bringToFront(sessionId) {
  wanted = String(sessionId);
  show();
}

/** Ends the wait for the server's answer; from now on the server's state counts. */
export function confirm(sessionId) {
  if (wanted === String(sessionId)) wanted = null;
}

/** Shows the panel of the tab in front. */
export function show() {
  const all = tabs();
  const front =
    all.find((tab) => tab.dataset.session === wanted) ?? all.find((tab) => tab.getAttribute("aria-selected") === "true");
  for (const tab of all) {
    tab.setAttribute("aria-selected", String(tab === front));
    tab.tabIndex = tab === front ? 0 : -1;
  }
  for (const panel of panels()) {
    const isFront = panel.dataset.session === front?.dataset.session;
    if (isFront && panel.hidden) {
      panel.hidden = false;
      scrollToEnd(panel.querySelector('[role="log"]'));
    }
    panel.hidden = !isFront;
  }
}

/** Returns the number of unread messages of each chat, by session id. */
export function unread() {
  return new Map(tabs().map((tab) => [tab.dataset.session, Number(tab.dataset.unread)]));
}

/** Handles arrow keys, Home and End in the tabs; returns the selected chat or null. */
export function onKey(event) {
  const all = tabs();
  const at = all.indexOf(event.target.closest?.('[role="tab"]'));
  const next = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
  if (at < 0 || next === undefined) return null;
  event.preventDefault();
  const tab = all[(next + all.length) % all.length];
  tab.focus();
  return Number(tab.dataset.session);
}
