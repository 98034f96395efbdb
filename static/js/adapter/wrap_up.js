// The wrap-up form: what is entered is saved while the agent types, since the time may be over at any moment.

import { giveBack } from "./focus.js";

const SAVE_AFTER_MS = 800;

const timers = new Map();
const known = new Set();
let isFirst = true;

/**
 * Returns {clicks, onInput, show}. `save(args)` sends a draft, `finish(args)` ends the wrap-up and resolves to undefined or
 * the error, `announce(words)` makes screen readers say something.
 */
export function wrapUps({ save, finish, announce }) {
  const clicks = {
    async wrap_up(sessionId, event, button) {
      if (!event.isTrusted) return;
      clearTimeout(timers.get(sessionId));
      const { status } = button.dataset;
      button.disabled = true;
      const error = await finish({ session_id: sessionId, ...entered(sessionId), ...(status ? { status } : {}) });
      if (error === undefined) return;
      button.disabled = false;
      giveBack(button);
    },
  };

  /** Saves what is entered, some moments after the last key. */
  function onInput({ target }) {
    const sessionId = Number(target.closest?.("[data-wrap-up]")?.dataset.wrapUp);
    if (!sessionId) return;
    clearTimeout(timers.get(sessionId));
    timers.set(sessionId, setTimeout(() => formOf(sessionId) && save({ session_id: sessionId, ...entered(sessionId) }), SAVE_AFTER_MS));
  }

  /** Says which sessions have ended. */
  function show() {
    for (const { dataset } of document.querySelectorAll("[data-wrap-up]")) {
      if (known.has(dataset.wrapUp)) continue;
      known.add(dataset.wrapUp);
      if (!isFirst) announce(`${dataset.words}. Wrap-up begins.`);
    }
    isFirst = false;
  }

  return { clicks, onInput, show };
}

function formOf(sessionId) {
  return document.querySelector(`[data-wrap-up="${sessionId}"]`);
}

function entered(sessionId) {
  const form = formOf(sessionId);
  return { disposition: form.querySelector("select").value, notes: form.querySelector("textarea").value };
}
