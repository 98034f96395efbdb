// Adapters of one page sign in and out together: whoever changes it tells the others, who load anew.

/** Tell that this page is `now` ("signed-in" or "signed-out"), and load anew when a sibling is something else. */
export function follow(now) {
  if (!("BroadcastChannel" in globalThis)) return;
  const channel = new BroadcastChannel("patchbay-sign-in");
  channel.addEventListener("message", (event) => {
    if ((event.data === "signed-in" || event.data === "signed-out") && event.data !== now) location.reload();
  });
  if (now === "signed-in") channel.postMessage(now);
  document.addEventListener("submit", (event) => {
    if (event.target.matches(".sign-out-form")) addEventListener("pagehide", () => channel.postMessage("signed-out"));
  });
}
