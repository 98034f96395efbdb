// The adapter's "Why?" dialog: requests to the CRM for a session, and decisions.

import { fetchFragment } from "../shared/fragments.js";
import { localise } from "../shared/times.js";

/** Opens the dialog for a session. */
export async function open(sessionId) {
  const dialog = document.getElementById("why");
  const body = document.getElementById("why-body");
  body.textContent = "Loading…";
  if (!dialog.open) dialog.showModal();
  try {
    const fragment = await fetchFragment(`/agent/sessions/${Number(sessionId)}/trace`);
    body.replaceChildren(fragment.nodes());
    localise(body);
  } catch (error) {
    body.textContent = `The trace could not be loaded: ${error.message}. Close this and try again.`;
  }
}
