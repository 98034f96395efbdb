// Loads earlier messages of a conversation, of which a page first shows the end only.

import { fetchFragment } from "./fragments.js";
import { group } from "./groups.js";
import { localise } from "./times.js";

/** Handles clicks on "Earlier messages": loads the messages before; ignores other clicks. */
export async function onClick(event) {
  const button = event.target.closest?.("[data-earlier]");
  if (!button || button.disabled) return;
  button.disabled = true;
  try {
    put(button.closest("[data-previous]"), await fetchFragment(button.dataset.earlier));
  } catch {
    button.disabled = false;
    button.textContent = "Earlier messages could not be loaded. Try again";
  }
}

/** Replaces the button by messages, and keeps the scroll position. */
function put(place, fragment) {
  const log = place.parentElement;
  if (log === null) return;
  const fromEnd = log.scrollHeight - log.scrollTop;
  const nodes = fragment.nodes();
  for (const line of Array.from(nodes.children)) if (document.getElementById(line.id) || isShown(line)) line.remove();
  localise(nodes);
  place.replaceWith(nodes);
  group(log);
  log.scrollTop = log.scrollHeight - fromEnd;
  log.focus({ preventScroll: true });
}

/** Tells whether the page shows already what an "Earlier messages" would load. */
export function isShown(line) {
  return Boolean(line.dataset.previous) && document.getElementById(line.dataset.previous) !== null;
}
