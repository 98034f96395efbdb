// Chat tabs: which panel shows, by pointer and by arrow keys. The server knows the tab in front; the page leads by a moment.

import { scrollToEnd } from "../shared/regions.js";

let wanted = null;

const tabs = () => Array.from(document.querySelectorAll('#chat-tabs [role="tab"]'));
const panels = () => Array.from(document.getElementById("panels").children);

/** Show a chat before the server has confirmed it. */
export function bringToFront(sessionId) {
  wanted = String(sessionId);
  show();
}

/** The server has answered: from now on its word counts. */
export function settled(sessionId) {
  if (wanted === String(sessionId)) wanted = null;
}

/** Let the panels follow the tabs. */
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

/** How many unread messages each chat has, by session id. */
export function unread() {
  return new Map(tabs().map((tab) => [tab.dataset.session, Number(tab.dataset.unread)]));
}

/** Arrow keys, Home and End choose among the tabs; returns the chosen chat, if one was. */
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
