// A page that embeds the shell gets the adapters' events too, where the admin wants it (embedding.relay_events):
// what the airlock let through, known types only, to the exact origin of the embedder if that is on the list.
import { targets } from "../shared/embedder.js";

/** relay: null, or { origins, types }. Must run before the listeners are up, so that none has been handed over yet. */
export function relayEvents(relay) {
  const origins = relay ? targets([location.origin, ...relay.origins]) : [];
  if (!origins.length) return;
  const types = new Set(relay.types);
  window.bus.overhear((text) => {
    if (!types.has(JSON.parse(text)?.type)) return;
    for (const origin of origins) window.parent.postMessage(text, origin);
  });
}
