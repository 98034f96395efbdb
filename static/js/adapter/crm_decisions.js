// The agent's decisions about the CRM: look up again, choose an account or record, say what exists.

/** Returns the click handlers; `runCommand(name, args)` resolves to undefined or the error. */
export function decisions(runCommand) {
  async function decide(name, button, more = {}) {
    const { session, step, occurrence } = button.dataset;
    button.disabled = true;
    const error = await runCommand(name, { session_id: Number(session), step, ...(occurrence ? { occurrence } : {}), ...more });
    button.disabled = false;
    return error;
  }

  return {
    look_up_again: (sessionId, event, button) => decide("look_up_again", button),
    choose(sessionId, event, button) {
      if (event.isTrusted) decide("choose", button, { id: button.dataset.id ?? null });
    },
    send_again(sessionId, event, button) {
      if (event.isTrusted) decide("send_again", button);
    },
    async it_exists(sessionId, event, button) {
      if (!event.isTrusted) return;
      const id = "needsId" in button.dataset ? await askForId(button.dataset.step) : undefined;
      if (id !== null) decide("it_exists", button, id === undefined ? {} : { id });
    },
  };
}

/** Asks for the id in the CRM; resolves to null if the agent cancels. */
function askForId(step) {
  const dialog = document.getElementById("exists");
  const field = document.getElementById("exists-id");
  document.getElementById("exists-title").textContent = `Which ${step} is it?`;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "save" ? field.value.trim() : null), { once: true });
  });
}
