// Desktop notifications: from the top-level page only, once the agent has allowed them with a click, and only while the
// page isn't in use. They contain no names, since others may see the screen.
const api = window.top === window ? globalThis.Notification : undefined;

export function tellDesktop(text, tag = "") {
  if (api?.permission !== "granted" || (!document.hidden && document.hasFocus())) return;
  try {
    new api(document.title, { body: text, tag });
  } catch {
    // some mobile browsers support them in service workers only
  }
}

/** Sets up the button "Allow notifications", which shows while the browser would ask. */
export function askForNotifications(button) {
  const show = () => { button.hidden = api?.permission !== "default"; };
  button.addEventListener("click", async () => {
    await api.requestPermission();
    show();
  });
  show();
}
