// Stores the positions of the panels in this browser, if it allows that: storage may throw in other companies' pages.
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

/** Returns a panel's position: {dock, hidden, x, y, width, height}; without sizes until the agent has set them. */
export function remembered(id) {
  const kept = read()[id] ?? {};
  const place = { dock: DOCKS.includes(kept.dock) ? kept.dock : "right", hidden: kept.hidden === true };
  for (const size of ["x", "y", "width", "height"]) if (isSize(kept[size])) place[size] = kept[size];
  if (place.dock === "float" && !["x", "y", "width", "height"].every((size) => size in place)) place.dock = "right";
  return place;
}

/** Returns the upper panel's share of the height when two panels are docked at one side. */
export function rememberedShare() {
  const { share } = read();
  return isSize(share) ? between(0.2, share, 0.8) : 0.6;
}

export function remember(places, share) {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...places, share }));
  } catch {
    // the panels have their default positions next time
  }
}

/** Changes a position so that the panel is inside the window. */
export function fit(place) {
  if (place.width !== undefined) place.width = between(NARROWEST, place.width, innerWidth - 16);
  if (place.dock !== "float") return;
  place.height = between(LOWEST, place.height, innerHeight - 16);
  place.x = between(0, place.x, innerWidth - place.width);
  place.y = between(0, place.y, innerHeight - place.height);
}

export const shared = (share) => between(0.2, share, 0.8);
