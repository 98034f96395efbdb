// Finds the embedding page, and the exact origins to which this page may post. Never "*".

/**
 * Returns the origins to post to: the embedder's, if it is known and allowed; if it is unknown, all allowed ones.
 * Returns none at the top level, and none for an embedder that isn't allowed.
 */
export function targets(allowedOrigins) {
  if (window.parent === window) return [];
  const known = embedder();
  if (known !== null) return allowedOrigins.includes(known) ? [known] : [];
  return allowedOrigins;
}

/** Returns the origins of all pages around this one that the browser tells, the nearest first. */
export function ancestors() {
  if (location.ancestorOrigins) return [...location.ancestorOrigins];
  const known = window.parent === window ? null : embedder();
  return known === null ? [] : [known];
}

function embedder() {
  if (location.ancestorOrigins) return location.ancestorOrigins[0] ?? null;
  const referrer = URL.canParse?.(document.referrer) ? new URL(document.referrer).origin : null;
  // After a form of ours was sent, the referrer is our own page.
  return referrer === location.origin ? null : referrer;
}
