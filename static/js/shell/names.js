// Knows whose record an address shows: the pop names the session, our own adapters name its consumer. The title of the
// record's page says nothing about that, and isn't asked.
import { idOf } from "./sessions.js";

const MOST = 200;

/**
 * Returns what is known of records and sessions:
 *
 * of(url)           `Felix Leiter · #12`, or null
 * nameOf(session)   `Felix Leiter`, or null
 * sessionOf(url)    the session that popped it last, or null
 * sessionsOf(url)   all sessions that it is the record of
 * urlOf(session)    the record that popped last for a session, or null
 * takeChange(url)   whether the record has popped for another account since this was asked last
 *
 * Dispatches `patchbay:named` {url} when a name becomes known.
 */
export function watchNames() {
  const pops = new Map(); // url to {session, record, account, isChanged}
  const urls = new Map(); // session id to url
  const names = new Map(); // session id to the consumer's name

  function of(url) {
    const { session, record } = pops.get(url) ?? {};
    const name = names.get(session);
    if (name === undefined) return null;
    return record === null ? name : `${name} · #${record}`;
  }

  function takeChange(url) {
    const pop = pops.get(url);
    const isChanged = pop?.isChanged ?? false;
    if (pop) pop.isChanged = false;
    return isChanged;
  }

  const tell = (url) => document.dispatchEvent(new CustomEvent("patchbay:named", { detail: { url } }));

  window.bus.overhear((text) => {
    const { type, data, meta } = JSON.parse(text);
    if (type !== "CRM_Record_Pop" || typeof data?.recordUrl !== "string" || !URL.canParse(data.recordUrl)) return;
    const url = new URL(data.recordUrl).href;
    const [session, account, before] = [idOf(data), data.account_id ?? null, pops.get(url)];
    const isChanged = meta?.replayed !== true && before !== undefined && before.account !== account;
    keep(pops, url, { session, record: data.record_id ?? null, account, isChanged });
    if (session !== null) keep(urls, session, url);
    tell(url);
  });

  document.addEventListener("patchbay:desk", ({ detail }) => {
    for (const [session, name] of Object.entries(detail?.names ?? {})) {
      if (typeof name !== "string" || name === "" || names.get(session) === name) continue;
      keep(names, session, name);
      for (const [url, pop] of pops) if (pop.session === session) tell(url);
    }
  });

  return {
    of,
    takeChange,
    nameOf: (session) => names.get(session) ?? null,
    sessionsOf: (url) => [...urls].flatMap(([session, popped]) => (popped === url ? [session] : [])),
    sessionOf: (url) => pops.get(url)?.session ?? null,
    urlOf: (session) => urls.get(session) ?? null,
  };
}

function keep(map, key, value) {
  map.delete(key); // so that the oldest is first
  map.set(key, value);
  if (map.size > MOST) map.delete(map.keys().next().value);
}
