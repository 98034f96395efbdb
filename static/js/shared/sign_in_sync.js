// Synchronizes sign-in and sign-out between our frames of one site: the page that changes it tells the others, which reload.

/**
 * Tells the other frames that this page is `now` ("signed-in" or "signed-out"); calls `goOn` when one of them differs.
 *
 * Only frames within one site get the messages; they also share the cookie.
 */
export function follow(now, goOn = () => location.reload()) {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel("patchbay-sign-in");
  channel.addEventListener("message", (event) => {
    if ((event.data === "signed-in" || event.data === "signed-out") && event.data !== now) goOn();
  });
  if (now === "signed-in") channel.postMessage(now);
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".sign-out-form")) addEventListener("pagehide", () => channel.postMessage("signed-out"));
  });
}
