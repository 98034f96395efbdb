// The list of quick replies: "/" at the start of a message opens it, arrow keys choose, Enter takes the text over.

import { fetchFragment } from "../shared/fragments.js";

const loading = new Map();

/** Handles typing in a composer: shows the replies that match what follows the slash, else hides them. */
export async function onInput({ target }) {
  const list = listOf(target);
  if (!list) return;
  const wanted = /^\/(\S*)$/.exec(target.value);
  if (wanted === null) {
    hide(target, list);
    return;
  }
  await load(list);
  if (!target.value.startsWith("/")) return; // sent or deleted meanwhile
  const words = target.value.slice(1).toLowerCase();
  for (const option of list.children) option.hidden = !option.textContent.toLowerCase().includes(words);
  list.hidden = visible(list).length === 0;
  choose(target, list, visible(list)[0] ?? null);
}

/** Handles a key in a composer; returns whether it was for the list. */
export function onKey(event) {
  const list = listOf(event.target);
  if (!list || list.hidden || event.isComposing) return false;
  const all = visible(list);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    const step = event.key === "ArrowDown" ? 1 : -1;
    choose(event.target, list, all[(at + step + all.length) % all.length]);
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey && all[at]) {
    take(event.target, list, all[at]);
  } else if (event.key === "Escape") {
    hide(event.target, list);
  } else {
    return false;
  }
  event.preventDefault();
  return true;
}

/** Handles clicks on the replies. */
export function onClick({ target }) {
  const option = target.closest?.(".quick-reply");
  if (!option) return;
  const list = option.parentElement;
  take(document.getElementById(`chat-${list.dataset.replies}-text`), list, option);
}

function take(field, list, option) {
  field.value = option.dataset.text;
  hide(field, list);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function choose(field, list, chosen) {
  for (const option of list.children) option.setAttribute("aria-selected", String(option === chosen));
  chosen?.scrollIntoView({ block: "nearest" });
  if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
  else field.removeAttribute("aria-activedescendant");
}

function hide(field, list) {
  list.hidden = true;
  field.removeAttribute("aria-activedescendant");
}

function visible(list) {
  return Array.from(list.children).filter((option) => !option.hidden);
}

function listOf(field) {
  const panel = field.matches?.("form[data-send] textarea") ? field.closest("[data-session]") : null;
  return panel?.querySelector("[data-replies]") ?? null;
}

/** Loads the replies of a chat, once while the page is open. */
function load(list) {
  const id = Number(list.dataset.replies);
  if (!loading.has(id)) {
    const loaded = fetchFragment(`/agent/sessions/${id}/quick-replies`).then(
      (fragment) => list.replaceChildren(fragment.nodes()),
      () => loading.delete(id),
    );
    loading.set(id, loaded);
  }
  return loading.get(id);
}
