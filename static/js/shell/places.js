// Where the panels are, remembered in this browser where it allows that: in a foreign page storage throws.
const KEY = "patchbay-panels";
const NARROWEST = 240;
const LOWEST = 200;
const DOCKS = ["left", "right", "float"];

const between = (least, value, most) => Math.max(least, Math.min(value, Math.max(least, most)));
const isSize = (value) => Number.isFinite(value) && value >= 0;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

/** The place of a panel: {dock, hidden, x, y, width, height}; sizes are missing until the agent has chosen them. */
export function remembered(id) {
  const kept = read()[id] ?? {};
  const place = { dock: DOCKS.includes(kept.dock) ? kept.dock : "right", hidden: kept.hidden === true };
  for (const size of ["x", "y", "width", "height"]) if (isSize(kept[size])) place[size] = kept[size];
  if (place.dock === "float" && !["x", "y", "width", "height"].every((size) => size in place)) place.dock = "right";
  return place;
}

/** How the height is shared where two panels stand on top of each other: the upper one's part. */
export function rememberedShare() {
  const { share } = read();
  return isSize(share) ? between(0.2, share, 0.8) : 0.6;
}

export function remember(places, share) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...places, share }));
  } catch {
    // the panels are then as they were made, the next time
  }
}

/** Keep a panel in the window. */
export function fit(place) {
  if (place.width !== undefined) place.width = between(NARROWEST, place.width, innerWidth - 16);
  if (place.dock !== "float") return;
  place.height = between(LOWEST, place.height, innerHeight - 16);
  place.x = between(0, place.x, innerWidth - place.width);
  place.y = between(0, place.y, innerHeight - place.height);
}

export const shared = (share) => between(0.2, share, 0.8);
