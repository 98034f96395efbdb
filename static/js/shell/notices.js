// Shows the listeners' notices to the agent for some seconds, and whether the listeners have started.
import { tellDesktop } from "./desktop.js";

const SHOWN_MS = 8000;
const START_MS = 20000;

export function showNotices(notice, state) {
  let hiding = 0;
  document.addEventListener("patchbay:notify", ({ detail }) => {
    notice.textContent = detail.text;
    clearTimeout(hiding);
    hiding = setTimeout(() => { notice.textContent = ""; }, SHOWN_MS);
    tellDesktop(detail.text);
  });

  const show = (name, text) => {
    state.dataset.state = name;
    state.textContent = text;
  };
  const late = setTimeout(() => show("failed", "The listeners did not start. Reload the page."), START_MS);
  document.addEventListener("patchbay:ready", () => {
    clearTimeout(late);
    show("ready", "Listening");
  });
}
