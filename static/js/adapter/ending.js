// Asks before a chat ends in which something is left to say: the consumer wrote last, or the agent has typed something.

const byId = (id) => document.getElementById(id);

/** Resolves to whether the agent wants to end the chat; asks only if something is left to say. */
export function mayEnd(sessionId) {
  const words = leftToSay(byId(`chat-${sessionId}`));
  if (words === "") return Promise.resolve(true);
  const dialog = byId("ending");
  byId("ending-words").textContent = words;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "end"), { once: true });
  });
}

function leftToSay(panel) {
  if (!panel) return "";
  if (panel.querySelector(".composer textarea").value.trim() !== "") return "You have typed a message that isn't sent.";
  const lines = panel.querySelectorAll('[role="log"] .line:not(.from-system)');
  return lines[lines.length - 1]?.dataset.sender === "end_user" ? "The last message has no answer." : "";
}
