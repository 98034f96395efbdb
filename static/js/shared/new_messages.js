// Keeps a log at its end, unless somebody has scrolled up: then the button "New messages" says that something has come.

const NEAR_PX = 40;

const atEnd = new WeakSet();
const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) if (atEnd.has(target)) target.scrollTop = target.scrollHeight;
});

/** Tells whether the end of a log is in view. */
export function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < NEAR_PX;
}

/** Keeps a log at its end when its height changes. */
export function watch(log) {
  atEnd.add(log);
  sizes.observe(log);
}

/** Shows the button of a log. */
export function showButton(log) {
  const button = buttonOf(log);
  if (button) button.hidden = false;
}

/** Handles clicks on the buttons, and hides them once their log is scrolled to its end. */
export function listen() {
  document.addEventListener("click", ({ target }) => {
    const button = target.closest?.(".new-messages");
    if (!button) return;
    const log = document.getElementById(button.dataset.log);
    log.scrollTop = log.scrollHeight;
    log.focus({ preventScroll: true });
    button.hidden = true;
  });
  document.addEventListener("scroll", ({ target }) => {
    if (target.getAttribute?.("role") !== "log") return;
    if (isAtEnd(target)) atEnd.add(target);
    else atEnd.delete(target);
    const button = buttonOf(target);
    if (button && isAtEnd(target)) button.hidden = true;
  }, { capture: true, passive: true });
  for (const type of ["load", "loadedmetadata"]) document.addEventListener(type, onMedium, { capture: true });
}

/** Follows an image or video that has got its height only now. */
function onMedium({ target }) {
  const log = target.closest?.("[role=log]");
  if (log && atEnd.has(log)) log.scrollTop = log.scrollHeight;
}

function buttonOf(log) {
  return log.parentElement?.querySelector(".new-messages") ?? null;
}
