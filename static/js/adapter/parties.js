// The dialogs "Transfer" and "Add party"; whom to choose is asked of the server when one opens.

import { giveBack } from "./focus.js";
import { errorWords } from "../shared/page.js";

const WRONG = ["target", "phone_number", "agent_id"]; // fields of the dialogs

const byId = (id) => document.getElementById(id);
const chosen = () => document.querySelector('[name="transfer-to"]:checked').value;

/** Returns the click handlers; `runCommand(name, args)` resolves to undefined or the error. */
export function parties(runCommand) {
  let session = 0;
  let targets = { agents: [], queues: [] };

  async function open(dialogId, sessionId, show) {
    session = sessionId;
    targets = { agents: [], queues: [] };
    byId(`${dialogId}-problem`).textContent = "";
    show();
    byId(dialogId).showModal();
    try {
      const found = await load(sessionId);
      if (session !== sessionId) return;
      targets = found;
      show();
    } catch (error) {
      byId(`${dialogId}-problem`).textContent = `The list could not be loaded: ${error.message}. Close this and try again.`;
    }
  }

  const showTargets = () => fill(byId("transfer-target"), chosen() === "agent" ? targets.agents.map(ofAgent) : targets.queues.map(ofQueue));

  function showParties() {
    fill(byId("add-party-who"), [{ value: "", words: "A phone number" }, ...targets.agents.map(ofAgent)]);
    byId("add-party-who").selectedIndex = 0;
    showNumber();
  }

  function showNumber() {
    byId("add-party-number").hidden = byId("add-party-who").value !== "";
  }

  async function run(dialogId, button, name, args) {
    button.disabled = true;
    const error = await runCommand(name, { session_id: session, ...args });
    button.disabled = false;
    if (error === undefined) byId(dialogId).close();
    else byId(`${dialogId}-problem`).textContent = WRONG.reduce((words, field) => error?.fields?.[field] ?? words, errorWords(error));
    giveBack(button);
  }

  byId("transfer").addEventListener("change", ({ target }) => {
    if (target.name === "transfer-to") showTargets();
  });
  byId("add-party-who")?.addEventListener("change", showNumber);

  function transfer(button) {
    const target = Number(byId("transfer-target").value);
    if (target) run("transfer", button, "transfer", { to: chosen(), target, warm: byId("transfer-warm").checked });
    else byId("transfer-problem").textContent = "Choose a target.";
  }

  function addParty(button) {
    const agent = Number(byId("add-party-who").value);
    const party = agent ? { agent_id: agent } : { phone_number: byId("add-party-phone").value.trim() };
    run("add-party", button, "add_party", party);
  }

  // Enter presses the dialog's own button, not Cancel.
  for (const [dialogId, press] of [["transfer", transfer], ["add-party", addParty]]) {
    byId(dialogId)?.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.isTrusted || event.target.matches("button")) return;
      event.preventDefault();
      press(byId(`${dialogId}-now`));
    });
  }

  return {
    open_transfer(sessionId, event) {
      if (!event.isTrusted) return;
      byId("transfer-warm").checked = false;
      open("transfer", sessionId, showTargets);
    },
    open_add_party(sessionId, event) {
      if (!event.isTrusted) return;
      byId("add-party-phone").value = "";
      open("add-party", sessionId, showParties);
    },
    transfer_now(sessionId, event, button) {
      if (event.isTrusted) transfer(button);
    },
    add_party_now(sessionId, event, button) {
      if (event.isTrusted) addParty(button);
    },
  };
}

async function load(sessionId) {
  const response = await fetch(`/agent/sessions/${Number(sessionId)}/targets`, { credentials: "same-origin", redirect: "error" });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  return response.json();
}

function ofAgent({ id, name, status, is_free }) {
  return { value: id, words: `${name} · ${status}${is_free ? "" : ", not free"}`, disabled: !is_free };
}

function ofQueue({ id, path, waiting }) {
  return { value: id, words: `${path} · ${waiting} waiting` };
}

function fill(field, choices) {
  const options = choices.map(({ value, words, disabled = false }) => {
    const option = new Option(words, value);
    option.disabled = disabled;
    return option;
  });
  field.replaceChildren(...options);
  field.selectedIndex = choices.findIndex(({ disabled }) => !disabled);
}
