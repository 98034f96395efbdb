// Shows the server's times (UTC) in local time ("10:02"), as a date, or as elapsed time.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Rewrites the times below `root`. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-clock]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = element.title ? `${element.title}: ${full.format(at)}` : full.format(at);
    if (element.dataset.clock === "elapsed") tick(element, at);
    else element.textContent = (element.dataset.clock === "date" ? date : clock).format(at);
  }
}

/** Updates elapsed times every second. */
export function run() {
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-clock="elapsed"]')) tick(element, new Date(element.dateTime));
  }, 1000);
}

/** Shows how long ago it was; after `data-amber` and `data-red` seconds in another colour. */
function tick(element, since) {
  const seconds = Math.max(0, Math.floor((Date.now() - since.getTime()) / 1000));
  element.textContent = words(seconds);
  const { amber, red } = element.dataset;
  if (amber === undefined) return;
  element.classList.toggle("is-amber", seconds >= Number(amber) && seconds < Number(red));
  element.classList.toggle("is-red", seconds >= Number(red));
}

function words(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
