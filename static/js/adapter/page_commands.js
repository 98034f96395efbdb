// Commands of the embedding page: {"type": "Dial", "data": {...}, "meta": {"id": "..."}}, posted to this frame. Only the page
// around this one may send them, from an origin on the allow-list; the server decides what that origin may do.

import { targets } from "../shared/embedder.js";
import { errorWords, newId } from "../shared/page.js";

const LARGEST_CHARACTERS = 65536;
const ID = /^[A-Za-z0-9_-]{1,58}$/;
const WRONG_ID = { error: "wrong_fields", message: "meta.id: must be 1 to 58 letters, digits, _ or -" };

/**
 * config: {allowedOrigins, commands}, from the page; commands are the known types.
 * send(args, id): runs a command; resolves to undefined, or to the server's error.
 */
export function takeCommands(config, send) {
  const origins = targets(config.allowedOrigins);
  addEventListener("message", async ({ source, origin, data }) => {
    if (source === null || source !== window.parent || source === window || !origins.includes(origin)) return;
    const message = read(data);
    if (message === null || !config.commands.includes(message.type)) return; // other scripts post messages of their own
    const id = message.meta?.id ?? newId();
    const error = isId(id) ? await send({ origin, type: message.type, data: message.data ?? {} }, `page-${id}`) : WRONG_ID;
    source.postMessage(result(id, error), origin);
  });
}

const isId = (id) => typeof id === "string" && ID.test(id);

// Structured data may hold what JSON can't.
function read(data) {
  try {
    const text = typeof data === "string" ? data : JSON.stringify(data);
    const message = text.length > LARGEST_CHARACTERS ? null : JSON.parse(text);
    return typeof message?.type === "string" ? message : null;
  } catch {
    return null;
  }
}

function result(id, error) {
  const data = error === undefined ? { ok: true } : { ok: false, error: errorWords(error), code: error.error };
  return JSON.stringify({ type: "Command_Result", data, meta: { id } });
}
