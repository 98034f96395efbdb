// A plain JavaScript listener in the shell's page: does what the Python listeners do by default, and no more.
const config = JSON.parse(document.getElementById("page-config").textContent);
const origins = new Set(config.adapters.map(({ origin }) => origin ?? location.origin));

const log = (message, text) => {
  const { type, data } = message;
  const id = data.chat_id ? `chat ${data.chat_id}` : `call ${data.call_id}`;
  const detail = { kind: "event", line: `${type}: ${id}, ${data.queue_path}`, detail: text };
  document.dispatchEvent(new CustomEvent("patchbay:log", { detail }));
};
const handlers = { New_Chat: [log], CRM_Record_Pop: [log] };

addEventListener("message", (event) => {
  if (!origins.has(event.origin) || typeof event.data !== "string") return;
  const message = JSON.parse(event.data);
  for (const handler of handlers[message.type] ?? []) handler(message, event.data);
});
document.dispatchEvent(new CustomEvent("patchbay:ready", { detail: {} }));
