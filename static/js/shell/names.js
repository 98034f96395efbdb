// Knows whose record an address shows: the pop names the session, our own adapters name its consumer. The title of the
// record's page says nothing about that, and isn't asked.

const MOST = 200;

/** Returns {of(url)}: `Felix Leiter · #12`, or null while it isn't known. Dispatches `patchbay:named` {url} when it is. */
export function watchNames() {
  const pops = new Map(); // url to {session, record}
  const names = new Map(); // session id to the consumer's name

  function of(url) {
    const { session, record } = pops.get(url) ?? {};
    const name = names.get(session);
    if (name === undefined) return null;
    return record === null ? name : `${name} · #${record}`;
  }

  const tell = (url) => document.dispatchEvent(new CustomEvent("patchbay:named", { detail: { url } }));

  window.bus.overhear((text) => {
    const { type, data } = JSON.parse(text);
    if (type !== "CRM_Record_Pop" || typeof data?.recordUrl !== "string" || !URL.canParse(data.recordUrl)) return;
    const url = new URL(data.recordUrl).href;
    keep(pops, url, { session: String(data.call_id ?? data.chat_id), record: data.record_id ?? null });
    tell(url);
  });

  document.addEventListener("patchbay:desk", ({ detail }) => {
    for (const [session, name] of Object.entries(detail?.names ?? {})) {
      if (typeof name !== "string" || name === "" || names.get(session) === name) continue;
      keep(names, session, name);
      for (const [url, pop] of pops) if (pop.session === session) tell(url);
    }
  });

  return { of };
}

function keep(map, key, value) {
  map.delete(key); // so that the oldest is first
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value);
}
