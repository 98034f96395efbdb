// Explains why a record's page can't be framed. Browsers don't report that, so the server checks it: once for each host,
// for all pages around the record's: ours, and those that embed us.
import { ancestors } from "../shared/embedder.js";
import { element } from "./elements.js";

const asked = new Map(); // by origin: {refusal, is_known}
const UNKNOWN = { refusal: "", is_known: false };

async function ask({ url: address, csrf }, url) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ url, ancestors: [location.origin, ...ancestors()] }),
  });
  return response.ok ? response.json() : UNKNOWN;
}

function checked(config, url) {
  const { origin } = new URL(url);
  if (asked.has(origin)) return asked.get(origin);
  const asking = ask(config, url).catch(() => UNKNOWN);
  asked.set(origin, asking);
  asking.then(({ is_known: isKnown }) => isKnown || asked.delete(origin));
  return asking;
}

function open(url) {
  window.open(url, "_blank", "noopener,noreferrer");
}

function explanation(url, reason) {
  const button = element("button", { type: "button", class: "button button-primary" }, "Open in new tab");
  const anyway = element("button", { type: "button", class: "button" }, "Try anyway");
  const words = element("p", { class: "muted" }, `Signed out, ${reason}. It may be otherwise where you are signed in.`);
  const title = element("h2", {}, "This page can't be embedded");
  const box = element("div", { class: "shell-unframed" }, title, words, element("p", {}, button, anyway));
  button.addEventListener("click", () => open(url));
  anyway.addEventListener("click", () => box.remove());
  return box;
}

/** Tells whether a record's page answered and may be framed; a host that refused isn't asked again. */
export async function mayFrame(config, url) {
  const { refusal, is_known: isKnown } = await checked(config, url);
  return isKnown && refusal === "";
}

/** Covers a record's panel with the reason, if the server reports one. */
export async function explainRefusal(config, panel, url) {
  const { refusal: reason } = config ? await checked(config, url) : UNKNOWN;
  if (reason && panel.isConnected && !panel.querySelector(".shell-unframed")) panel.append(explanation(url, reason));
}
