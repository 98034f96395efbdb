// Delays page updates during a click: if a button were replaced between press and release, the click would be lost.

let isPressed = false;
const waiting = [];

/** Calls `work` at once, or, while a control is pressed, right after the click; in the order of the calls. */
export function afterPress(work) {
  if (isPressed) waiting.push(work);
  else work();
}

// The click event comes after the release, in the same task.
function release() {
  setTimeout(() => {
    isPressed = false;
    for (const work of waiting.splice(0)) work();
  });
}

addEventListener("pointerdown", ({ target }) => {
  isPressed = target.closest?.("button, a, [role=tab]") != null;
}, { capture: true, passive: true });
for (const type of ["pointerup", "pointercancel"]) addEventListener(type, release, { capture: true, passive: true });
addEventListener("blur", release); // blur of the window; that of elements doesn't bubble
