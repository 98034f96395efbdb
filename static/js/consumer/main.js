// The page of a consumer's chat, with the adapter's socket, fragments and composer.

import * as attach from "../shared/attach.js";
import * as composer from "../shared/composer.js";
import * as earlier from "../shared/earlier.js";
import { group } from "../shared/groups.js";
import * as newMessages from "../shared/new_messages.js";
import * as notices from "../shared/notices.js";
import { errorWords, newId, pageConfig } from "../shared/page.js";
import { reports } from "../shared/receipts.js";
import { append, scrollToEnd, swap } from "../shared/regions.js";
import { Socket } from "../shared/socket.js";
import * as times from "../shared/times.js";
import * as typing from "../shared/typing.js";
import { hint } from "../shared/connection_hints.js";

const RELOAD_AFTER_MS = 5000;

const byId = (id) => document.getElementById(id);
const log = byId("conversation");

const socket = new Socket(pageConfig(), () => ({}), {
  message: received,
  connected(isAgain) {
    notices.connection(isAgain ? "Connected again." : "");
    receipts.forget();
    receipts.check();
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

const sessionId = byId("composer").dataset.send;
const sendOnce = (name, args = {}) => socket.sendOnce({ op: "act", id: newId(), name, args });
const receipts = reports(() => [{ sessionId: Number(sessionId), log }], (read) => sendOnce("read", read));

function received({ op, html, region, id }) {
  if (op === "regions") {
    swap(html);
    showWhatIsOpen();
  } else if (op === "append") {
    append(region, id, html);
    typing.hide(sessionId);
  } else if (op === "typing") {
    typing.show(sessionId);
  }
  receipts.check();
}

function showWhatIsOpen() {
  const state = byId("chat-state").querySelector("[data-open]")?.dataset;
  const isOpen = state?.open === "true";
  byId("composer").hidden = !isOpen;
  byId("end-chat").hidden = !isOpen;
  byId("new-chat").hidden = isOpen;
  byId("rate").hidden = state?.canRate !== "true";
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
document.addEventListener("input", (event) => composer.onInput(event, () => sendOnce("typing")));
newMessages.listen();
attach.listen({ logOf: () => log, urlOf: () => "/consumer/attachments", csrf: pageConfig().csrf });

times.localise(document);
times.run();
group(log);
newMessages.watch(log);
composer.restoreDrafts(document);
scrollToEnd(log);
window.sendHeld();
socket.connect();
