// Pages of ours beside each other sign in and out together: whoever changes it tells the others, who load anew.

/**
 * Tell that this page is `now` ("signed-in" or "signed-out"), and call `goOn` when a sibling is something else.
 *
 * Only frames on the same company's pages hear each other: they share the cookie as well.
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
