// Shows the server's times (UTC) in local time ("10:02") or as elapsed time.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** Rewrites the times below `root`. */
export function localise(root) {
  for (const element of root.querySelectorAll("time[data-clock]")) {
    const at = new Date(element.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    element.title = full.format(at);
    element.textContent = element.dataset.clock === "elapsed" ? elapsed(at) : clock.format(at);
  }
}

/** Updates elapsed times every second. */
export function run() {
  setInterval(() => {
    for (const element of document.querySelectorAll('time[data-clock="elapsed"]')) {
      element.textContent = elapsed(new Date(element.dateTime));
    }
  }, 1000);
}

function elapsed(since) {
  const seconds = Math.max(0, Math.floor((Date.now() - since.getTime()) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
