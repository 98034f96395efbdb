// The page with the sign-in form, also in a frame: continues when a sibling frame or a sign-in window signs in.

import { follow } from "../shared/sign_in_sync.js";
import { offerWindow } from "./window.js";

const part = (name) => document.querySelector(`.sign-in-form ${name}`);

// Not reload(): after a wrong password this page is the answer to a form, which the browser would send again.
const goOn = () => location.replace(part('[name="next"]').value || "/");

follow("signed-out", goOn);
offerWindow(part("[data-sign-in-window]"), part("[data-sign-in-problem]"), goOn);
