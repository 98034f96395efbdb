// The frames that show records, and the name that exactly one of them carries: the last popped record's.
import { element } from "./elements.js";

export const TARGET = "target_iframe_adapter";

// Chromium goes on calling a frame by the name that it had when it was made, whatever becomes of the attribute. While
// such a frame lives on with the agent's work in it, the next ones get the attribute only when they stand in the page:
// so that no two frames are ever called the same.
const createdWithName = new WeakSet();

const isNameTaken = () => [...document.querySelectorAll("iframe")].some((frame) => createdWithName.has(frame));

/** Put a frame into a panel; without a url it stays empty. `sandbox`: what its page may do, or null for everything. */
export function insertFrame(panel, { title, url, isTarget, sandbox }) {
  const frame = element("iframe", { title, ...(url && sandbox && { sandbox }), ...(url && { src: url }) });
  const isLate = isTarget && isNameTaken();
  if (isTarget && !isLate) {
    frame.name = TARGET;
    createdWithName.add(frame);
  }
  panel.append(frame);
  if (isLate) frame.name = TARGET;
  return frame;
}
