// Desktop notifications: from the top-level page only, once the agent has allowed them with a click, and only while he
// looks elsewhere. They name nobody: others may see the screen.
const api = window.top === window ? globalThis.Notification : undefined;

export function tellDesktop(text, tag = "") {
  if (api?.permission !== "granted" || (!document.hidden && document.hasFocus())) return;
  try {
    new api(document.title, { body: text, tag });
  } catch {
    // some mobile browsers only know those of service workers
  }
}

/** The button "Allow notifications": shown as long as the browser would ask. */
export function askForNotifications(button) {
  const show = () => { button.hidden = api?.permission !== "default"; };
  button.addEventListener("click", async () => {
    await api.requestPermission();
    show();
  });
  show();
}
