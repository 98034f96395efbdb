// Commands of the page to the adapters: Patchbay.send("Dial", {phone_number}), answered with {ok, error?}.

const commands = new Map();
const ANSWER_WITHIN_MS = 60_000;

/** Sends a command to an adapter: `send("Dial", {phone_number: "+1 222 333 4444"})`; resolves to {ok, error?}. */
function sendTo(frames, type, data = {}) {
  const chat = frames.find((each) => each.name === "chat_adapter");
  const frame = (data.chat_id !== undefined && chat) || frames[0];
  if (!frame) return Promise.resolve({ ok: false, error: "There is no adapter in this page." });
  const id = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const late = { data: { ok: false, error: "The adapter does not answer." }, meta: { id } };
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle(late), ANSWER_WITHIN_MS);
    commands.set(id, { resolve, timer });
    frame.contentWindow.postMessage(JSON.stringify({ type, data, meta: { id } }), HOST);
  });
}

function settle({ data, meta }) {
  const command = commands.get(meta?.id);
  if (!command) return;
  commands.delete(meta.id);
  clearTimeout(command.timer);
  command.resolve(Object.freeze(data));
}
