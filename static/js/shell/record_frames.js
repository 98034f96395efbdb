// Makes the frames that show records; exactly one has the name: that of the last popped record.
import { element } from "./elements.js";

export const TARGET = "target_iframe_adapter";

// Chromium keeps the name that a frame was created with, even if the attribute changes. While such a frame exists, new
// frames get the attribute only after they are in the page, so that no two frames have the same name.
const createdWithName = new WeakSet();

const isNameTaken = () => [...document.querySelectorAll("iframe")].some((frame) => createdWithName.has(frame));

/** Adds a frame to a panel; without a url it is empty. `sandbox` is the attribute's value, or null for none. */
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
