// Keeps what somebody has typed and not sent, for each chat, over reloads of the page.
//
// In the tab's storage, which is deleted with the tab; where the browser refuses storage, as it may in other companies'
// pages, in memory.

const inMemory = new Map();

/** Puts the draft of a form (`form[data-send]`) back, unless something is typed already. Returns whether there was one. */
export function restore(form) {
  const field = form.querySelector("textarea");
  const draft = read(keyOf(form.dataset.send));
  if (!draft || field.value !== "") return false;
  field.value = draft;
  return true;
}

/** Keeps what is typed in a form. */
export function keep(form) {
  const text = form.querySelector("textarea").value;
  const key = keyOf(form.dataset.send);
  if (text.trim() === "") forget(key);
  else write(key, text);
}

/** Deletes the draft of a chat that is gone. */
export function drop(sessionId) {
  forget(keyOf(sessionId));
}

function keyOf(sessionId) {
  return `patchbay-draft:${location.pathname}${sessionId}`; // an agent's and a consumer's page may be in the same tab
}

function read(key) {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return inMemory.get(key) ?? null;
  }
}

function write(key, text) {
  try {
    sessionStorage.setItem(key, text);
  } catch {
    inMemory.set(key, text);
  }
}

function forget(key) {
  inMemory.delete(key);
  try {
    sessionStorage.removeItem(key);
  } catch {
    // it was never there
  }
}
