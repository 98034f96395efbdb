// What the call adapter shows while there is no call: a field to dial, and the agent's last calls.

import { fetchFragment } from "../shared/fragments.js";
import { fieldWords } from "../shared/page.js";
import { giveBack } from "./focus.js";
import { localise } from "../shared/times.js";

/** Returns {clicks, onKey, refresh}; `dial(phoneNumber)` resolves to undefined or the error. */
export function dialler(dial) {
  const field = document.getElementById("dial-number");
  const recent = document.getElementById("recent");

  async function run(number, button) {
    showProblem("");
    button.disabled = true;
    const error = await dial(number);
    button.disabled = false;
    giveBack(button);
    if (error === undefined) {
      field.value = "";
      return;
    }
    showProblem(fieldWords(error, "phone_number"));
  }

  function showProblem(words) {
    document.getElementById("dial-problem").textContent = words;
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
  }

  const clicks = {
    dial(sessionId, event, button) {
      if (event.isTrusted) run(field.value.trim(), button);
    },
    dial_again(sessionId, event, button) {
      if (event.isTrusted) run(button.dataset.phone, button);
    },
  };

  /** Handles Enter in the field. */
  function onKey(event) {
    if (event.key === "Enter" && event.isTrusted && event.target === field) run(field.value.trim(), document.getElementById("dial-button"));
  }

  /** Reads the last calls again. */
  async function refresh() {
    if (!recent) return;
    showProblem("");
    try {
      const fragment = await fetchFragment("/agent/calls/recent");
      recent.replaceChildren(fragment.nodes());
      localise(recent);
    } catch {
      recent.textContent = "Your last calls could not be loaded.";
    }
  }

  return { clicks, onKey, refresh };
}
