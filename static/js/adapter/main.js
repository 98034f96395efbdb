// The adapter's page: applies updates from the socket, and sends the agent's commands.

import * as attach from "../shared/attach.js";
import * as composer from "../shared/composer.js";
import { calls } from "./calls.js";
import { decisions } from "./crm_decisions.js";
import * as drafts from "../shared/drafts.js";
import * as earlier from "../shared/earlier.js";
import { follow } from "../shared/sign_in_sync.js";
import { giveBack, keepFocus } from "./focus.js";
import { group } from "../shared/groups.js";
import { guardLeaving } from "../shared/leaving.js";
import * as lookup from "./lookup.js";
import * as newMessages from "../shared/new_messages.js";
import * as notices from "../shared/notices.js";
import { errorWords, newId, pageConfig } from "../shared/page.js";
import { Poster } from "./poster.js";
import { takeCommands } from "./page_commands.js";
import { afterPress } from "./press.js";
import * as quickReplies from "./quick_replies.js";
import { reports } from "../shared/receipts.js";
import { append, scrollToEnd, swap, syncPanels } from "../shared/regions.js";
import { shellBadge } from "./shell_badge.js";
import { Socket } from "../shared/socket.js";
import { onUse, tabId, usedMs } from "./tab.js";
import * as tabs from "./tabs.js";
import * as times from "../shared/times.js";
import * as typing from "../shared/typing.js";
import { forAdmin } from "../shared/connection_hints.js";
import * as why from "./why.js";

const RELOAD_AFTER_MS = 5000;
const COUNT_REPLAYED_FOR_MS = 300;

const config = pageConfig();
const offersSeen = new Set();
const offersAcknowledged = new Set();
const endedHere = new Set();
const leaving = guardLeaving();
const reload = () => leaving.go(() => location.reload());
let replayed = null;

const poster = new Poster(config.allowedOrigins, {
  posted: (eventId) => socket.sendOnce({ op: "ack", id: eventId }),
  late: (eventId) => socket.sendOnce({ op: "late", id: eventId }),
  gap: () => socket.reconnect(),
});

const hello = () => ({ adapter: config.adapter, tab: tabId(), used_ms: usedMs(), ...poster.state() });

const socket = new Socket(config, hello, {
  message: handle,
  connected(isAgain) {
    notices.connection("");
    document.body.classList.add("is-connected");
    offersAcknowledged.clear(); // the last acknowledgements may be lost
    receipts.forget();
    receipts.check();
    if (isAgain) replayed = { count: 0, timer: setTimeout(showReplayed, COUNT_REPLAYED_FOR_MS) };
    showOffers();
  },
  disconnected() {
    document.body.classList.remove("is-connected");
    notices.connection("Connection lost. Reconnecting…", { stays: true });
  },
  neverConnected(part) {
    const words = "No connection could be made, so nothing can be offered to you here. Tell your admin. Still trying…";
    notices.connection([words, forAdmin(part)], { stays: true });
  },
  tooMany() {
    document.body.classList.remove("is-connected");
    notices.connection("This is open in too many other places. Reload this page to go on here.", { stays: true });
  },
  signedOut() {
    document.body.classList.remove("is-connected");
    // A page that is refused right after loading would reload for ever.
    if (performance.now() > RELOAD_AFTER_MS) reload();
    else notices.connection("You are signed out, or cookies are blocked here. Reload this page to sign in.", { stays: true });
  },
});

const sendOnce = (name, args) => socket.sendOnce({ op: "act", id: newId(), name, args });
const receipts = reports(chatLogs, (read) => sendOnce("read", read));

function chatLogs() {
  const panels = Array.from(document.querySelectorAll("#panels > [data-session]"));
  return panels.map((panel) => ({ sessionId: Number(panel.dataset.session), log: panel.querySelector('[role="log"]') }));
}

const handlers = {
  regions({ html }) {
    const before = tabs.unread();
    keepFocus(() => swap(html));
    tabs.show();
    showOffers();
    announceUnread(before);
    call.show();
    updateShell();
  },
  panels({ ids, html }) {
    const panels = document.getElementById("panels");
    for (const panel of syncPanels(panels, ids, html)) {
      announceEnded(panel);
      drafts.drop(panel.dataset.session);
    }
    composer.restoreDrafts(panels);
    for (const { log } of chatLogs()) newMessages.watch(log);
    tabs.show();
  },
  append({ region, id, html }) {
    append(region, id, html);
    typing.hide(document.getElementById(region)?.closest("[data-session]")?.dataset.session);
  },
  typing: ({ session_id }) => typing.show(session_id),
  state(message) {
    times.setNow(message.now);
    poster.start(message);
  },
  post: (message) => countReplayed(poster.take(message)),
  passed: (message) => countReplayed(poster.take(message)),
};

const call = calls({ runCommand, send: (name, args) => socket.sendCommand(name, args), announce: notices.announce });

const openSessions = () => document.querySelectorAll('#chat-tabs [role="tab"]:not(.is-ended)').length + call.count();

function namesOfConsumers() {
  const named = Array.from(document.querySelectorAll("[data-caller]"), ({ dataset }) => dataset);
  return Object.fromEntries(named.map(({ session, offer, caller }) => [session ?? offer, caller]));
}

const tellShell = shellBadge(() => ({
  adapter: config.adapter,
  offers: document.querySelectorAll("[data-offer]").length,
  unread: [...tabs.unread().values()].reduce((sum, count) => sum + count, 0),
  open: openSessions(),
  names: namesOfConsumers(),
}));

function updateShell() {
  tellShell();
  if (window.parent === window) leaving.isOpen(openSessions());
}

const REDRAWS = new Set(["regions", "panels", "append"]);

function handle(message) {
  if (!Object.hasOwn(handlers, message.op)) return;
  const take = () => {
    handlers[message.op](message);
    receipts.check();
  };
  if (REDRAWS.has(message.op)) afterPress(take);
  else take();
}

function countReplayed(count) {
  if (!count || !replayed) return;
  replayed.count += count;
  clearTimeout(replayed.timer);
  replayed.timer = setTimeout(showReplayed, COUNT_REPLAYED_FOR_MS);
}

function showReplayed() {
  const count = replayed?.count ?? 0;
  replayed = null;
  notices.connection(count === 1 ? "Reconnected, 1 event replayed." : `Reconnected, ${count} events replayed.`);
}

function announceEnded(panel) {
  if (!panel.matches('[role="tabpanel"]') || panel.querySelector(".wrap-up") || endedHere.delete(panel.dataset.session)) return;
  const wasDismissed = panel.querySelector(".chat-dismissed") !== null;
  const words = wasDismissed ? " has ended, or another agent has it now." : " has ended.";
  notices.connection(["The chat with ", notices.named(panel.dataset.caller), words]);
}

function showOffers() {
  for (const offer of document.querySelectorAll("[data-offer]")) {
    const key = offer.dataset.acknowledge ?? offer.dataset.offer;
    if (!offersAcknowledged.has(key) && socket.sendOnce({ op: "ack", id: key })) offersAcknowledged.add(key);
    if (offersSeen.has(key)) continue;
    offersSeen.add(key);
    notices.announce(`Offered to you: ${offer.querySelector("header").innerText.replace(/\s+/g, " ")}`);
  }
}

function announceUnread(before) {
  for (const [sessionId, count] of tabs.unread()) {
    if (count > (before.get(sessionId) ?? 0)) notices.announce(`${count} unread from ${panelOf(sessionId)?.dataset.caller}`);
  }
}

function panelOf(sessionId) {
  return document.getElementById(`chat-${sessionId}`);
}

async function runCommand(name, args) {
  notices.problem("");
  const error = await socket.sendCommand(name, args);
  if (error !== undefined) notices.problem(errorWords(error));
  return error;
}

async function runOnce(name, sessionId, event, button) {
  if (!event.isTrusted) return;
  button.disabled = true;
  if ((await runCommand(name, { session_id: sessionId })) === undefined) return;
  button.disabled = false;
  giveBack(button);
}

async function focus(sessionId) {
  tabs.bringToFront(sessionId);
  receipts.check();
  await runCommand("focus", { session_id: sessionId });
  tabs.confirm(sessionId);
}

// Synthetic clicks, which the embedding page could cause, must not answer or end anything.
const clicks = {
  answer: (sessionId, event, button) => runOnce("answer", sessionId, event, button),
  decline: (sessionId, event, button) => runOnce("decline", sessionId, event, button),
  async end(sessionId, event, button) {
    if (!event.isTrusted) return;
    button.disabled = true;
    endedHere.add(String(sessionId));
    if ((await runCommand("end", { session_id: sessionId })) === undefined) return;
    endedHere.delete(String(sessionId));
    button.disabled = false;
  },
  dismiss: (sessionId, event, button) => runOnce("dismiss", sessionId, event, button),
  resume_chat: (sessionId, event, button) => runOnce("resume_chat", sessionId, event, button),
  focus,
  ...decisions(runCommand),
  ...call.clicks,
  ...lookup.clicks,
  why: (sessionId) => why.open(sessionId),
  close_problem: () => notices.problem(""),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-act]");
  if (button && Object.hasOwn(clicks, button.dataset.act)) {
    clicks[button.dataset.act](Number(button.dataset.session), event, button);
  }
});

document.addEventListener("click", earlier.onClick);
document.addEventListener("click", quickReplies.onClick);

document.addEventListener("change", (event) => {
  if (event.target.dataset.act === "status") runCommand("status", { status: event.target.value });
});

document.addEventListener("submit", (event) => {
  const sessionId = Number(event.target.dataset.send);
  if (!sessionId) return;
  event.preventDefault();
  const log = document.getElementById(`chat-${sessionId}-log`);
  composer.submit(event.target, log, (text, id) => socket.sendCommand("message", { session_id: sessionId, text }, id));
});

document.addEventListener("keydown", (event) => {
  if (quickReplies.onKey(event)) return;
  composer.onKey(event);
  const answer = call.onKey(event);
  if (answer) runOnce("answer", Number(answer.dataset.session), event, answer);
  const chosen = tabs.onKey(event);
  if (chosen !== null) focus(chosen);
});

document.addEventListener("input", (event) => {
  quickReplies.onInput(event);
  call.onInput(event);
  composer.onInput(event, (sessionId) => sendOnce("typing", { session_id: sessionId }));
});
newMessages.listen();
attach.listen({
  logOf: (form) => document.getElementById(`chat-${form.dataset.send}-log`),
  urlOf: (form) => `/agent/sessions/${form.dataset.send}/attachments`,
  csrf: config.csrf,
});

times.localise(document);
times.run();
document.querySelectorAll("#panels [role=log]").forEach((log) => {
  group(log);
  newMessages.watch(log);
});
composer.restoreDrafts(document);
tabs.show();
call.show();
document.querySelectorAll('[role="log"]').forEach(scrollToEnd);
updateShell();
onUse(() => socket.sendOnce({ op: "used" }));
follow("signed-in", reload);
takeCommands(config, (args, id) => socket.sendCommand("page_command", args, id));
window.sendHeld();
socket.connect();
