// The button "Attach": sends the chosen files, one message each.

import { sendFile } from "./composer.js";

/**
 * Handles the buttons and file inputs of all composers.
 * logOf(form): the log of a composer. urlOf(form): where its files go. csrf: the page's token.
 */
export function listen({ logOf, urlOf, csrf }) {
  document.addEventListener("click", ({ target }) => {
    target.closest?.("[data-attach]")?.form.querySelector("[data-files]").click();
  });
  document.addEventListener("change", ({ target }) => {
    if (!target.matches?.("[data-files]")) return;
    for (const file of target.files) {
      sendFile(logOf(target.form), file, (id) => upload(urlOf(target.form), csrf, file, id));
    }
    target.value = "";
  });
}

/** Resolves to undefined, or to the error. */
async function upload(url, csrf, file, id) {
  const body = new FormData();
  body.append("id", id);
  body.append("file", file);
  try {
    const headers = { "X-CSRF-Token": csrf, Accept: "application/json" };
    const response = await fetch(url, { method: "POST", credentials: "same-origin", redirect: "error", headers, body });
    return response.ok ? undefined : wordsOf(response);
  } catch {
    return "The connection was lost.";
  }
}

async function wordsOf(response) {
  if (response.status === 413) return "The file is too large.";
  try {
    const { message, fields } = await response.json();
    return fields?.file ?? message;
  } catch {
    return `The server answered ${response.status}.`;
  }
}
