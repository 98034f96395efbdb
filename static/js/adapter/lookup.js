// The link to the CRM's search page: opens it in a new window, or copies it.
import { announce, problem } from "../shared/notices.js";

const SHOWN_FOR_MS = 3000;

const linkOf = (button) => button.closest("[data-lookup]").dataset.lookup;

/** Handlers of clicks, by `data-act`. */
export const clicks = {
  open_lookup(sessionId, event, button) {
    if (event.isTrusted) window.open(linkOf(button), "_blank", "noopener,noreferrer");
  },
  async copy_lookup(sessionId, event, button) {
    if (!event.isTrusted) return;
    if (await copy(linkOf(button), button)) confirm(button);
    else problem("This browser doesn't let the link be copied here. Open it instead.");
  },
};

// In most companies' frames the clipboard API is denied, so the older way comes first.
async function copy(text, button) {
  if (copySelection(text, button)) return true;
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function copySelection(text, button) {
  const field = document.createElement("textarea");
  field.className = "visually-hidden";
  field.readOnly = true;
  field.tabIndex = -1;
  field.setAttribute("aria-hidden", "true");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  button.focus({ preventScroll: true });
  return isCopied;
}

function confirm(button) {
  announce("Link copied");
  const mark = button.parentElement.querySelector("[data-copied]");
  mark.hidden = false;
  setTimeout(() => {
    mark.hidden = true;
    announce("");
  }, SHOWN_FOR_MS);
}
