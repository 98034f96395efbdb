// Events of the adapters for plain JavaScript: Patchbay.on("CRM_Record_Pop", fn).

const REMEMBERED = 5000;
const listeners = new Map();
const seen = new Set();

/** Calls `listener(event)` for each event of a type, or of all with "*"; returns a function that removes it. */
function on(type, listener) {
  if (typeof type !== "string" || typeof listener !== "function") {
    throw new TypeError('Patchbay.on takes a type such as "CRM_Record_Pop" and a function');
  }
  if (!listeners.has(type)) listeners.set(type, new Set());
  listeners.get(type).add(listener);
  return () => listeners.get(type).delete(listener);
}

/** Listens to our own `frames`, by exact window and origin; ignores other messages. */
function listenTo(frames) {
  addEventListener("message", ({ source, origin, data }) => {
    if (origin !== HOST || source === null) return;
    const frame = frames.find((each) => each.contentWindow === source);
    const message = frame && read(data);
    if (!message) return;
    if (message.type === "Command_Result") settle(message);
    else if (!isKnown(message.meta?.id)) tellOf(message, frame, data);
  });
}

function tellOf({ type, data: about, meta = {} }, frame, text) {
  tell(Object.freeze({ type, data: about, meta, frame: frame.name, text }));
}

function read(data) {
  if (typeof data !== "string" || data.length > LARGEST_BYTES) return null;
  try {
    const message = JSON.parse(data);
    return typeof message?.type === "string" && message.data !== null && typeof message.data === "object" ? message : null;
  } catch {
    return null;
  }
}

// A pop that wasn't acknowledged is posted again, with the same id.
function isKnown(id) {
  if (typeof id !== "string") return false;
  if (seen.has(id)) return true;
  seen.add(id);
  if (seen.size > REMEMBERED) seen.delete(seen.values().next().value);
  return false;
}

function tell(event) {
  for (const listener of [...(listeners.get(event.type) ?? []), ...(listeners.get("*") ?? [])]) {
    try {
      listener(event);
    } catch (error) {
      reportError(error); // as an uncaught error of the listener; the others are still called
    }
  }
}
