// What the agent does with a call, and what screen readers hear of it.

import { dialler } from "./dial.js";
import { giveBack } from "./focus.js";
import { keypad } from "./keypad.js";
import { parties } from "./parties.js";
import { wrapUps } from "./wrap_up.js";

const PLAIN = ["hold", "resume", "mute", "unmute", "pause_recording", "resume_recording", "cancel_transfer"];

/**
 * Returns {clicks, onKey, onInput, show, count}.
 *
 * runCommand(name, args)  resolves to undefined or the error, which it shows
 * send(name, args)        the same, without showing the error
 * announce(words)         makes screen readers say something
 */
export function calls({ runCommand, send, announce }) {
  const dial = dialler((number) => send("dial", { phone_number: number }));
  const wrapUp = wrapUps({
    save: (args) => send("wrap_up_draft", args),
    finish: (args) => runCommand("wrap_up", args),
    announce,
  });
  let told = words();
  let wasIdle = false;

  async function press(name, event, button, more = {}) {
    if (!event.isTrusted) return;
    button.disabled = true;
    await runCommand(name, { session_id: Number(button.dataset.session), ...more });
    button.disabled = false;
    giveBack(button);
  }

  const clicks = {
    ...Object.fromEntries(PLAIN.map((name) => [name, (sessionId, event, button) => press(name, event, button)])),
    end_call: (sessionId, event, button) => press("end", event, button),
    remove_party(sessionId, event, button) {
      press("remove_party", event, button, { participant_id: Number(button.dataset.participant) });
    },
    ...keypad((sessionId, digits) => send("keypad", { session_id: sessionId, digits })),
    ...parties(send),
    ...dial.clicks,
    ...wrapUp.clicks,
  };

  /** Handles Alt+A, which answers the first offer, and Enter in the field to dial. */
  function onKey(event) {
    dial.onKey(event);
    if (!event.isTrusted || event.code !== "KeyA" || !event.altKey || event.ctrlKey || event.metaKey) return null;
    const answer = document.querySelector('[data-act="answer"]');
    if (answer) event.preventDefault();
    return answer;
  }

  /** Tells what has changed since the last call of this function. */
  function show() {
    wrapUp.show();
    const now = words();
    if (now !== told && now !== "") announce(now);
    told = now;
    const isIdle = document.getElementById("call-name") === null;
    if (isIdle && !wasIdle) dial.refresh();
    wasIdle = isIdle;
  }

  return { clicks, onKey, onInput: wrapUp.onInput, show, count: () => document.querySelectorAll("#call-name[data-live]").length };
}

/** Returns the state of the call in words: `On hold, Muted: Felix Leiter`; empty during wrap-up and without a call. */
function words() {
  const name = document.querySelector("#call-name[data-live]")?.textContent;
  const state = document.querySelector("[data-call-state]")?.dataset.callState;
  if (name === undefined || state === undefined) return ""; // the bands come one after the other
  const marks = Array.from(document.querySelectorAll("[data-call-mark]"), ({ dataset }) => dataset.callMark);
  return `${[state, ...marks].join(", ")}: ${name}`;
}
