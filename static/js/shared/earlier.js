// A page shows the end of a conversation; what came before is fetched when somebody asks for it.

import { fetchFragment } from "./fragments.js";
import { localise } from "./times.js";

/** Load what came before the lines that a click on "Earlier messages" belongs to; other clicks are let through. */
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

/** Put lines in the place of the button, and keep what is read where it is. */
function put(place, fragment) {
  const log = place.parentElement;
  if (log === null) return;
  const fromEnd = log.scrollHeight - log.scrollTop;
  const nodes = fragment.nodes();
  for (const line of Array.from(nodes.children)) if (document.getElementById(line.id) || isShown(line)) line.remove();
  localise(nodes);
  place.replaceWith(nodes);
  log.scrollTop = log.scrollHeight - fromEnd;
  log.focus({ preventScroll: true });
}

/** Whether an "Earlier messages" would lead to what the page shows already. */
export function isShown(line) {
  return Boolean(line.dataset.previous) && document.getElementById(line.dataset.previous) !== null;
}
