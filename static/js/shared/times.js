// Shows the server's times (UTC) in local time ("10:02"), as a date, as elapsed time, or as the time that remains ("0:45").

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

// By the element's data-clock: the milliseconds that it shows. These change every second.
const RUNNING = {
  elapsed: (at) => now() - at,
  remaining: (at) => at - now(),
};

let ahead = 0; // ms by which the browser's clock is ahead of the server's

/** Takes the server's clock, in ms since 1970. */
export function setNow(serverMs) {
  ahead = Date.now() - serverMs;
}

/** Rewrites the times below `root`. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-clock]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = element.title ? `${element.title}: ${full.format(at)}` : full.format(at);
    if (Object.hasOwn(RUNNING, element.dataset.clock)) tick(element, at);
    else element.textContent = (element.dataset.clock === "date" ? date : clock).format(at);
  }
}

/** Updates the running times every second. */
export function run() {
  const running = Object.keys(RUNNING).map((name) => `time[data-clock="${name}"]`).join();
  setInterval(() => {
    for (const element of document.querySelectorAll(running)) tick(element, new Date(element.dateTime));
  }, 1000);
}

/** Shows how long ago it was, or how long until then; after `data-amber` and `data-red` seconds in another colour. */
function tick(element, at) {
  const seconds = Math.max(0, Math.floor(RUNNING[element.dataset.clock](at) / 1000));
  element.textContent = words(seconds);
  const { amber, red } = element.dataset;
  if (amber === undefined) return;
  element.classList.toggle("is-amber", seconds >= Number(amber) && seconds < Number(red));
  element.classList.toggle("is-red", seconds >= Number(red));
}

function now() {
  return Date.now() - ahead;
}

function words(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
