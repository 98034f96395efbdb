// Keeps the keyboard focus while parts of the page are replaced: a control that is gone hands it on.

// Where the focus goes when its control has disappeared, the first that is there.
const HEIRS = [".wrap-up select", "#call-name", "#dial-number", "#status-choice"];

let last = null;
document.addEventListener("focusin", ({ target }) => {
  last = target;
});

/** Runs `swap`, which replaces parts of the page. It takes no focus from other frames. */
export function keepFocus(swap) {
  swap();
  const hasNone = document.hasFocus() && document.activeElement === document.body;
  if (!hasNone || last === null || last.getClientRects().length > 0) return;
  const successor = last.id === "" ? null : document.getElementById(last.id);
  const heirs = HEIRS.flatMap((selector) => Array.from(document.querySelectorAll(selector)));
  const heir = [successor, ...heirs].find(isShown);
  heir?.focus({ preventScroll: true });
  heir?.scrollIntoView({ block: "nearest" }); // in a low panel it may be below the others
}

/** Gives a control its focus back, which it lost because it was disabled for a moment. */
export function giveBack(control) {
  if (document.hasFocus() && document.activeElement === document.body && last === control && control.isConnected) control.focus();
}

function isShown(element) {
  return element !== null && !element.disabled && element.getClientRects().length > 0;
}
