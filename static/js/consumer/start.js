// The form that starts a chat, in a frame: asks the embedding page for data about the visitor, and fills it in.
// By postMessage with exact origins and windows, since addresses with names and tokens would be logged on the way.

import { targets } from "../shared/embedder.js";
import { pageConfig } from "../shared/page.js";

const LARGEST = 65_536;
const { formUrl, csrf, allowedOrigins } = pageConfig();
const form = document.getElementById("consumer-form");
const origins = form ? targets(allowedOrigins) : [];
const touched = new Set();
let taking = null;

function read(text) {
  if (typeof text !== "string" || text.length > LARGEST) return null;
  try {
    const { type, data } = JSON.parse(text);
    return type === "Consumer_Data" && data !== null && typeof data === "object" ? data : null;
  } catch {
    return null;
  }
}

async function take(data) {
  const answer = await fetch(formUrl, {
    method: "POST",
    redirect: "error",
    headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
    body: JSON.stringify(data),
  });
  if (!answer.ok) return;
  const { values, problems } = await answer.json();
  fill(values);
  say(problems);
}

// Doesn't overwrite what the visitor has entered meanwhile.
function fill(values) {
  for (const [name, value] of Object.entries(values)) {
    const field = form.elements.namedItem(name);
    if (field && value && !touched.has(name) && (field.value === "" || field.matches("select"))) field.value = value;
  }
}

function say(problems) {
  const box = document.getElementById("consumer-problems");
  const lines = Object.entries(problems).map(([name, words]) => {
    const line = document.createElement("p");
    const code = document.createElement("code");
    code.textContent = name;
    line.append(code, ` ${words}`);
    return line;
  });
  box.replaceChildren(...lines);
  box.hidden = lines.length === 0;
}

form?.addEventListener("input", ({ target }) => touched.add(target.name));

// If the visitor submits before the server's answer, the form waits for it.
form?.addEventListener("submit", (event) => {
  if (taking === null) return;
  event.preventDefault();
  taking.then(() => form.requestSubmit());
});

addEventListener("message", function heard({ source, origin, data }) {
  if (source !== window.parent || !origins.includes(origin)) return;
  const given = read(data);
  if (given === null) return;
  removeEventListener("message", heard);
  taking = take(given).catch((error) => console.error(error)).finally(() => { taking = null; });
});
for (const origin of origins) window.parent.postMessage(JSON.stringify({ type: "Consumer_Ready" }), origin);
