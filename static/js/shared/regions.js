// Puts HTML of the server into the page. Inputs and logs are outside the regions, so that they stay.

import { isShown } from "./earlier.js";
import { group } from "./groups.js";
import { isAtEnd, showButton } from "./new_messages.js";
import { localise } from "./times.js";

const current = new Map();

/** Replaces the content of changed regions; the focus, and what is typed in `data-keep`, stay in the control with the same id. */
export function swap(regions) {
  for (const [id, fragment] of regions) {
    const region = document.getElementById(id);
    if (!region || (current.get(id)?.region === region && current.get(id).fragment.equals(fragment))) continue;
    current.set(id, { region, fragment });
    const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
    const openDetails = Array.from(region.querySelectorAll("details"), (details) => details.open);
    const typed = typedIn(region);
    region.replaceChildren(fragment.nodes());
    region.querySelectorAll("details").forEach((details, index) => (details.open = openDetails[index] ?? false));
    localise(region);
    if (focused && document.hasFocus()) document.getElementById(focused)?.focus({ preventScroll: true });
    typed.forEach(putBack);
  }
}

/** Adds missing panels, removes those whose id isn't in `ids`; returns the removed elements. */
export function syncPanels(container, ids, panels) {
  const gone = Array.from(container.children).filter((panel) => !ids.includes(panel.id));
  for (const panel of gone) {
    panel.remove();
    for (const [id, { region }] of current) if (panel.contains(region)) current.delete(id);
  }
  for (const [id, fragment] of panels ?? []) {
    if (!ids.includes(id) || document.getElementById(id)) continue;
    const nodes = fragment.nodes();
    localise(nodes);
    container.append(nodes);
  }
  return gone;
}

/** Inserts a message unless it is there, in the order of `data-order`; it replaces the sender's pending one. */
export function append(regionId, id, fragment) {
  const region = document.getElementById(regionId);
  if (!region || document.getElementById(id)) return;
  const wasAtEnd = isAtEnd(region);
  const nodes = fragment.nodes();
  const line = nodes.firstElementChild;
  if (isShown(line)) return;
  localise(nodes);
  region.insertBefore(nodes, place(region, line));
  pendingLine(region, line.dataset.client)?.remove();
  group(region);
  if (wasAtEnd || line.classList.contains("is-own")) scrollToEnd(region);
  else showButton(region);
}

/** Returns the pending element of a message, or null. */
export function pendingLine(region, clientId) {
  if (!clientId) return null;
  return Array.from(region.children).find((line) => line.dataset.pending === clientId) ?? null;
}

/** Scrolls a log to its end. */
export function scrollToEnd(region) {
  region.scrollTop = region.scrollHeight;
}

// Messages normally come in order; after a reconnect a late one may belong between others.
function place(region, line) {
  const order = Number(line.dataset.order);
  const isLater = (other) => other.dataset.pending || Number(other.dataset.order) > order;
  return Array.from(region.children).find(isLater) ?? null;
}

/** Returns what has been entered in the fields of a region that keep it. */
function typedIn(region) {
  const changed = Array.from(region.querySelectorAll("[data-keep]")).filter((field) => field.value !== offered(field));
  return changed.map(({ id, value, selectionStart, selectionEnd }) => ({ id, value, selectionStart, selectionEnd }));
}

function putBack({ id, value, selectionStart, selectionEnd }) {
  const field = document.getElementById(id);
  if (!field) return;
  field.value = value;
  if (selectionStart !== undefined) field.setSelectionRange(selectionStart, selectionEnd);
}

// The value that the server sent.
function offered(field) {
  return field.defaultValue ?? field.querySelector("option[selected]")?.value ?? field.options[0]?.value;
}
