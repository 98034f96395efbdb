// Knows the sessions on the agent's desks, and which one is in front. Our own adapters tell both; another tenant's only
// post events. Dispatches `patchbay:front` {session} and `patchbay:gone` {session} on the document.

const GONE_MS = 500; // an answered offer disappears a moment before its chat or call appears
const LOOK_MS = 200;
const TAKEN = new Set(["New_Call", "New_Chat", "Active_Chat"]);
const ENDED = new Set(["End_Call", "End_Chat"]);

const idOf = (data) => {
  const id = data?.call_id ?? data?.chat_id;
  return id === undefined || id === null ? null : String(id);
};

/**
 * `adapters` is [{name, origin}] of the page's configuration; origin is null for our own.
 *
 * Returns {front(), isOpen(session), problemOf(session)}: the id of the session in front or null, whether a desk has a
 * session, and why it has no record, or an empty text.
 */
export function watchSessions(adapters) {
  const fronts = new Map(); // frame name to session id or null
  const desks = new Map(); // frame name to a set of session ids
  const problems = new Map(); // frame name to {session id: words}
  const leaving = new Map(); // session id to the timer that says that it is gone
  const foreign = new Set(adapters.filter(({ origin }) => origin).map(({ name }) => name));
  let used = null; // the adapter that was used last
  let told = null;

  const front = () => fronts.get(used) ?? [...fronts.values()].find((session) => session !== null) ?? null;
  const isOpen = (session) => [...desks.values()].some((sessions) => sessions.has(session));
  const tell = (name, session) => document.dispatchEvent(new CustomEvent(`patchbay:${name}`, { detail: { session } }));

  function tellFront() {
    if (front() === told) return;
    told = front();
    tell("front", told);
  }

  function setFront(adapter, session) {
    const isFirst = !fronts.has(adapter);
    if (session === (fronts.get(adapter) ?? null) && !isFirst) return;
    fronts.set(adapter, session);
    // After a reload both adapters tell theirs; a call goes first then.
    if (session !== null && !(isFirst && adapter !== "call_adapter" && front() !== null && used !== null)) used = adapter;
  }

  function setDesk(adapter, sessions) {
    const before = desks.get(adapter) ?? new Set();
    desks.set(adapter, sessions);
    for (const session of sessions) {
      clearTimeout(leaving.get(session));
      leaving.delete(session);
    }
    for (const session of before) {
      if (isOpen(session) || leaving.has(session)) continue;
      leaving.set(session, setTimeout(() => {
        leaving.delete(session);
        tell("gone", session);
      }, GONE_MS));
    }
  }

  document.addEventListener("patchbay:desk", ({ detail }) => {
    const adapter = `${detail?.adapter}_adapter`;
    if (foreign.has(adapter) || !adapters.some(({ name }) => name === adapter)) return;
    setDesk(adapter, new Set(Object.keys(detail.names ?? {})));
    problems.set(adapter, detail.problems ?? {});
    setFront(adapter, typeof detail.front === "string" ? detail.front : null);
    tellFront();
  });

  window.bus.overhear((text, adapter) => {
    if (!foreign.has(adapter)) return;
    const { type, data } = JSON.parse(text);
    const session = idOf(data);
    if (session === null || !(TAKEN.has(type) || ENDED.has(type))) return;
    const sessions = new Set(desks.get(adapter));
    if (TAKEN.has(type)) sessions.add(session);
    else sessions.delete(session);
    setDesk(adapter, sessions);
    if (TAKEN.has(type)) setFront(adapter, session);
    else if (fronts.get(adapter) === session) setFront(adapter, null);
    tellFront();
  });

  // Focus that moves from one frame to another causes no event.
  setInterval(() => {
    const name = document.activeElement?.name;
    if (name === used || (fronts.get(name) ?? null) === null) return;
    used = name;
    tellFront();
  }, LOOK_MS);

  const problemOf = (session) => [...problems.values()].map((each) => each[session]).find((words) => typeof words === "string") ?? "";

  return { front, isOpen, problemOf };
}

export { idOf };
