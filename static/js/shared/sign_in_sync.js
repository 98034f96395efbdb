// Synchronizes sign-in and sign-out between our frames of one site: the page that changes it tells the others, which reload.

const REFUSED = 409;

/**
 * Tells the other frames that this page is `now` ("signed-in" or "signed-out"); calls `goOn` when one of them differs.
 * `refused(words)` shows why the server refuses a sign-out, such as open chats; without it the server's page says so.
 *
 * Only frames within one site get the messages; they also share the cookie.
 */
export function follow(now, goOn = () => location.reload(), refused = null) {
  const channel = "BroadcastChannel" in globalThis ? new BroadcastChannel("patchbay-sign-in") : null;
  channel?.addEventListener("message", (event) => {
    if ((event.data === "signed-in" || event.data === "signed-out") && event.data !== now) goOn();
  });
  if (now === "signed-in") channel?.postMessage(now);
  document.addEventListener("submit", async (event) => {
    if (!event.target.matches(".sign-out-form") || refused === null) return;
    event.preventDefault();
    const words = await signOut(event.target);
    if (words !== "") {
      refused(words);
      return;
    }
    channel?.postMessage("signed-out");
    goOn();
  });
}

/** Sends the form; returns why the server refuses, or an empty text. */
async function signOut(form) {
  const fields = new FormData(form);
  try {
    const response = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(fields),
      credentials: "same-origin",
      redirect: "manual",
      headers: { "X-CSRF-Token": fields.get("csrf_token"), Accept: "application/json" },
    });
    return response.status === REFUSED ? (await response.json()).message : "";
  } catch {
    return "The server can't be reached, so you are still signed in. Try again.";
  }
}
