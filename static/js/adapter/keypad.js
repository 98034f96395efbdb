// The keypad: each key is sent at once. What was pressed is shown until the dialog closes, and kept nowhere.

import { errorWords } from "../shared/page.js";

const KEYS = /^[0-9*#]$/;
const MOST_SHOWN = 32;

/** Returns the click handlers; `press(sessionId, digit)` resolves to undefined or the error. */
export function keypad(press) {
  const part = (name) => document.getElementById(name === "" ? "keypad" : `keypad-${name}`);
  let session = 0;

  async function send(digit) {
    part("digits").textContent = (part("digits").textContent + digit).slice(-MOST_SHOWN);
    const error = await press(session, digit);
    part("problem").textContent = error === undefined ? "" : errorWords(error);
  }

  part("")?.addEventListener("keydown", (event) => {
    if (!event.isTrusted || !KEYS.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    send(event.key);
  });
  part("")?.addEventListener("close", () => part("digits").replaceChildren());

  return {
    open_keypad(sessionId, event) {
      if (!event.isTrusted) return;
      session = sessionId;
      part("problem").textContent = "";
      part("").showModal();
    },
    press_key(sessionId, event, button) {
      if (event.isTrusted) send(button.dataset.digit);
    },
  };
}
