// Explains why a record's page can't be framed. Browsers don't report that, so the server checks it: once for each host,
// for all pages around the record's: ours, and those that embed us.
import { ancestors } from "../shared/embedder.js";
import { element } from "./elements.js";

const asked = new Map();

async function ask({ url: address, csrf }, url) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify({ url, ancestors: [location.origin, ...ancestors()] }),
  });
  return response.ok ? (await response.json()).refusal : "";
}

function refusalOf(config, url) {
  const { origin } = new URL(url);
  if (!asked.has(origin)) asked.set(origin, ask(config, url).catch(() => ""));
  return asked.get(origin);
}

function open(url) {
  window.open(url, "_blank", "noopener,noreferrer");
}

function explanation(url, reason) {
  const button = element("button", { type: "button", class: "button button-primary" }, "Open in new tab");
  const anyway = element("button", { type: "button", class: "button" }, "Show it here all the same");
  const words = element("p", { class: "muted" }, `Signed out, ${reason}. It may be otherwise where you are signed in.`);
  const title = element("h2", {}, "This page doesn't show in a frame");
  const box = element("div", { class: "shell-unframed" }, title, words, element("p", {}, button, anyway));
  button.addEventListener("click", () => open(url));
  anyway.addEventListener("click", () => box.remove());
  return box;
}

/** Covers a record's panel with the reason, if the server reports one. */
export async function explainRefusal(config, panel, url) {
  const reason = config ? await refusalOf(config, url) : "";
  if (reason && panel.isConnected && !panel.querySelector(".shell-unframed")) panel.append(explanation(url, reason));
}
