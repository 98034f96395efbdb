// The page of a consumer's chat, with the adapter's socket, fragments and composer.

import * as composer from "../shared/composer.js";
import * as earlier from "../shared/earlier.js";
import * as notices from "../shared/notices.js";
import { errorWords, pageConfig } from "../shared/page.js";
import { append, scrollToEnd, swap } from "../shared/regions.js";
import { Socket } from "../shared/socket.js";
import * as times from "../shared/times.js";
import { hint } from "../shared/connection_hints.js";

const RELOAD_AFTER_MS = 5000;

const byId = (id) => document.getElementById(id);
const log = byId("conversation");

const socket = new Socket(pageConfig(), () => ({}), {
  message: received,
  connected(isAgain) {
    notices.connection(isAgain ? "Connected again." : "");
  },
  disconnected() {
    notices.connection("Connection lost. Reconnecting…", { stays: true });
  },
  neverConnected(part) {
    notices.connection("This chat can't connect just now. Still trying…", { stays: true });
    console.warn(`Patchbay: ${hint(part)}`);
  },
  tooMany() {
    notices.connection("This is open in too many other places. Reload this page to go on here.", { stays: true });
  },
  signedOut() {
    // A page that is refused right after loading would reload for ever.
    if (performance.now() > RELOAD_AFTER_MS) location.reload();
    else notices.connection("This chat can't be opened here any more. Reload this page to start a new one.", { stays: true });
  },
});

function received({ op, html, region, id }) {
  if (op === "regions") {
    swap(html);
    showWhatIsOpen();
  } else if (op === "append") {
    append(region, id, html);
  }
}

function showWhatIsOpen() {
  const isOpen = byId("chat-state").querySelector("[data-open]")?.dataset.open === "true";
  byId("composer").hidden = !isOpen;
  byId("end-chat").hidden = !isOpen;
  byId("new-chat").hidden = isOpen;
}

byId("composer").addEventListener("submit", (event) => {
  event.preventDefault();
  composer.submit(event.target, log, (text, id) => socket.sendCommand("message", { text }, id));
});

byId("end-chat").addEventListener("click", async (event) => {
  if (!event.isTrusted) return;
  const button = event.currentTarget;
  button.disabled = true;
  const error = await socket.sendCommand("end", {});
  if (error === undefined) return;
  button.disabled = false;
  notices.problem(errorWords(error));
});

byId("close-problem").addEventListener("click", () => notices.problem(""));
document.addEventListener("keydown", composer.onKey);
document.addEventListener("click", earlier.onClick);
byId("composer-text").addEventListener("input", (event) => composer.fit(event.target));

times.localise(document);
scrollToEnd(log);
window.sendHeld();
socket.connect();
