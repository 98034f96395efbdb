// A page with the sign-in form, on its own or in a frame: goes on when a sibling frame or a sign-in window signs in.

import { follow } from "../shared/sign_in_sync.js";
import { offerWindow } from "./window.js";

const part = (name) => document.querySelector(`.sign-in-form ${name}`);

// Not reload(): after a wrong password this page is the answer to a form, which would be sent again.
const goOn = () => location.replace(part('[name="next"]').value || "/");

follow("signed-out", goOn);
offerWindow(part("[data-sign-in-window]"), part("[data-sign-in-problem]"), goOn);
