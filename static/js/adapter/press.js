// A click needs press and release on one element: a button that is swapped in between would swallow it.

let isPressed = false;
const waiting = [];

/** Do it at once, or, while the pointer holds a control, right after the click; in the order of the calls. */
export function afterPress(work) {
  if (isPressed) waiting.push(work);
  else work();
}

// The click comes after the release, within the same turn.
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
addEventListener("blur", release); // the window's own: that of elements doesn't come here
