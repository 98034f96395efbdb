// The sign-in window: sends a one-time code to the frame that opened it.

import { errorWords, pageConfig } from "../shared/page.js";

const CUT_OFF = "This window has lost the page that opened it. Close it, and sign in there with e-mail and password.";
const HANDED_OVER = "Done. This window closes by itself; close it if it stays.";

const { codeUrl, nonce, csrf, atOnce } = pageConfig();
const words = document.getElementById("popup-words");
const button = document.getElementById("popup-continue");

async function newCode() {
  const response = await fetch(codeUrl, {
    method: "POST",
    redirect: "error",
    headers: { "X-CSRF-Token": csrf, Accept: "application/json" },
  });
  const body = await response.json();
  if (!response.ok) throw new Error(errorWords(body));
  return body.code;
}

async function handOver() {
  button.disabled = true;
  try {
    const code = await newCode();
    // The opener gets it only if it shows a page of ours.
    window.opener.postMessage(JSON.stringify({ type: "patchbay-sign-in", code, nonce }), location.origin);
    button.hidden = true;
    words.textContent = HANDED_OVER;
  } catch (error) {
    button.disabled = false;
    words.textContent = `That didn't work: ${error.message} Try again.`;
  }
}

button.addEventListener("click", handOver);
if (!window.opener) {
  button.hidden = true;
  words.textContent = CUT_OFF;
} else if (atOnce) {
  handOver();
}
