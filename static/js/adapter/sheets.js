// The menu "More" with the dialogs "Queues" and "Your sessions", and how many wait while the agent is offered nothing.

import { fetchFragment } from "../shared/fragments.js";
import { localise } from "../shared/times.js";

const QUEUES_EVERY_MS = 5000;
const WAITING_EVERY_MS = 15_000;
const SEARCH_AFTER_MS = 300;
const IS_OFFERED = ["Available", "In-call", "In-chat"]; // nobody waits for long then

const byId = (id) => document.getElementById(id);

async function load(target, path, body) {
  try {
    const fragment = await fetchFragment(path, body);
    target.replaceChildren(fragment.nodes());
    localise(target);
  } catch (error) {
    target.textContent = `This could not be loaded: ${error.message}. Try again.`;
  }
}

/** Returns {clicks, refresh}; `csrf` is the page's token. Call `refresh` when the desk has changed. */
export function sheets(csrf) {
  let timer = null;
  let asked = 0;
  let shown = null;

  async function find() {
    const mine = (asked += 1);
    const found = document.createElement("div");
    await load(found, "/agent/sessions/search", { csrf, json: { words: byId("own-words").value } });
    if (mine === asked) byId("own-found").replaceChildren(...found.childNodes);
  }

  function showList(isList) {
    for (const id of ["own-search", "own-found"]) byId(id).hidden = !isList;
    byId("own-transcript").hidden = isList;
  }

  const closeMenu = () => {
    byId("menu").open = false;
  };

  const clicks = {
    queues() {
      closeMenu();
      const dialog = byId("queues");
      if (!dialog.open) dialog.showModal();
      const show = () => load(byId("queues-body"), "/agent/queues");
      show();
      clearInterval(timer);
      timer = setInterval(() => document.visibilityState === "visible" && show(), QUEUES_EVERY_MS);
    },
    own_sessions() {
      closeMenu();
      showList(true);
      byId("own-sessions").showModal();
      byId("own-words").focus();
      find();
    },
    async transcript(sessionId) {
      showList(false);
      await load(byId("own-transcript"), `/agent/sessions/${sessionId}/transcript`);
      byId("own-back")?.focus();
    },
    own_sessions_back() {
      showList(true);
      byId("own-words").focus();
    },
  };

  async function tellWaiting() {
    const line = byId("quiet-waiting");
    if (!line || IS_OFFERED.includes(line.dataset.show) || document.visibilityState !== "visible") return;
    try {
      const response = await fetch("/agent/queues/waiting", { credentials: "same-origin", redirect: "error" });
      if (!response.ok) return;
      const { chat } = await response.json();
      byId("quiet-waiting")?.replaceChildren(chat === 1 ? "1 chat is waiting." : `${chat} chats are waiting.`);
    } catch {
      line.replaceChildren(); // better no number than an old one
    }
  }

  /** Asks how many wait, once the words about the status have changed. */
  function refresh() {
    const line = byId("quiet-waiting");
    if (line === shown) return;
    shown = line;
    tellWaiting();
  }

  let typing = null;
  byId("queues").addEventListener("close", () => clearInterval(timer));
  byId("own-search").addEventListener("submit", (event) => {
    event.preventDefault();
    find();
  });
  byId("own-search").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(find, SEARCH_AFTER_MS);
  });
  byId("menu").addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !byId("menu").open) return;
    closeMenu();
    byId("menu").querySelector("summary").focus();
  });
  document.addEventListener("pointerdown", ({ target }) => {
    if (!byId("menu").contains(target)) closeMenu();
  });
  setInterval(tellWaiting, WAITING_EVERY_MS);
  return { clicks, refresh };
}
