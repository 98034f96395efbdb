// Keyboard shortcuts of the adapters; "?" shows them.

const FIELDS = "input, textarea, select, [contenteditable]";

const front = () => document.querySelector("#panels > [data-session]:not([hidden])");

/**
 * Returns a handler of keys that returns whether it has handled one. `select(sessionId)` brings a chat to the front.
 * Keys are told by their place, since Alt makes other characters of them on some keyboards.
 */
export function shortcuts(select) {
  const actions = {
    KeyM: () => focusOn(front()?.querySelector(".composer textarea")),
    KeyR: () => press((front() ?? document).querySelector("a.crm-link[data-step=record], a.crm-link")),
  };

  return (event) => {
    if (!event.isTrusted || event.ctrlKey || event.metaKey || document.querySelector("dialog[open]")) return false;
    if (event.key === "?" && !event.target.matches?.(FIELDS)) {
      openKeys();
      event.preventDefault();
      return true;
    }
    if (!event.altKey) return false;
    const number = Number(/^Digit([1-9])$/.exec(event.code)?.[1] ?? 0);
    const tab = number && document.querySelectorAll('#chat-tabs [role="tab"]')[number - 1];
    if (tab) select(Number(tab.dataset.session));
    else if (!actions[event.code]?.()) return false;
    event.preventDefault();
    return true;
  };
}

/** Shows the list of shortcuts. */
export function openKeys() {
  document.getElementById("keys").showModal();
}

function focusOn(field) {
  field?.focus();
  return field != null;
}

function press(link) {
  link?.click();
  return link != null;
}
