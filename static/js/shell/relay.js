// Posts the adapters' events to the page that embeds the shell, if the setting embedding.relay_events allows it: only
// messages that bus.js accepted, of known types, to the exact origin of an allowed embedder.
import { targets } from "../shared/embedder.js";

/** `relay` is null or { origins, types }. Must run before the listeners start, so that it gets the first messages too. */
export function relayEvents(relay) {
  const origins = relay ? targets([location.origin, ...relay.origins]) : [];
  if (!origins.length) return;
  const types = new Set(relay.types);
  window.bus.overhear((text) => {
    if (!types.has(JSON.parse(text)?.type)) return;
    for (const origin of origins) window.parent.postMessage(text, origin);
  });
}
