// Who embeds this page, and to which exact origins it may therefore post. Never "*".

/**
 * The origins to post to: the embedder's, where the browser tells it and it is allowed; else each that is allowed.
 * None at the top level, and none for an embedder that isn't on the list.
 */
export function targets(allowedOrigins) {
  if (window.parent === window) return [];
  const known = embedder();
  if (known !== null) return allowedOrigins.includes(known) ? [known] : [];
  return allowedOrigins;
}

/** The origins of all pages around this one, the nearest first, as far as the browser tells. */
export function ancestors() {
  if (location.ancestorOrigins) return [...location.ancestorOrigins];
  const known = window.parent === window ? null : embedder();
  return known === null ? [] : [known];
}

function embedder() {
  if (location.ancestorOrigins) return location.ancestorOrigins[0] ?? null;
  const referrer = URL.canParse?.(document.referrer) ? new URL(document.referrer).origin : null;
  // After our own form was sent the referrer is ourselves, and says nothing about who embeds us.
  return referrer === location.origin ? null : referrer;
}
