// The button "Open a sign-in window", for forms in other companies' pages: single sign-on refuses frames, and some people
// don't enter a password in a page whose address they can't see.

import { errorWords, newId } from "../shared/page.js";

const FEATURES = "popup,width=480,height=640";
const BLOCKED = "The browser blocked the window. Allow windows for this page, or sign in with e-mail and password.";

/** Makes `button` open the window; shows errors in `problem`; calls `goOn` once this frame is signed in. */
export function offerWindow(button, problem, goOn) {
  if (window.parent === window || !button) return;
  let opened = null;
  let nonce = "";
  button.hidden = false;

  const say = (words) => {
    problem.textContent = words;
    problem.hidden = !words;
  };

  button.addEventListener("click", () => {
    nonce = newId();
    opened = window.open(`/sign-in/popup?nonce=${nonce}`, "_blank", FEATURES);
    say(opened ? "" : BLOCKED);
  });

  addEventListener("message", async (event) => {
    if (opened === null || event.source !== opened || event.origin !== location.origin) return;
    const code = codeIn(event.data, nonce);
    if (code === null) return;
    opened.close();
    opened = null;
    const error = await redeem(code, nonce);
    if (error === null) goOn();
    else say(error);
  });
}

function codeIn(data, nonce) {
  try {
    const message = JSON.parse(data);
    return message.type === "patchbay-sign-in" && message.nonce === nonce ? String(message.code) : null;
  } catch {
    return null;
  }
}

async function redeem(code, nonce) {
  try {
    const response = await fetch("/sign-in/code", {
      method: "POST",
      redirect: "error",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({ code, nonce }),
    });
    return response.ok ? null : errorWords(await response.json());
  } catch {
    return "The server didn't answer. Try again.";
  }
}
