// The shell's page: shows what the listeners decide and bus.js dispatches.
import { follow } from "../shared/sign_in_sync.js";
import { guardLeaving } from "../shared/leaving.js";
import { serveCrm } from "./crm.js";
import { askForNotifications } from "./desktop.js";
import { watchDesks } from "./desks.js";
import { showEvents } from "./log.js";
import { watchNames } from "./names.js";
import { showNotices } from "./notices.js";
import { showPanels } from "./panels.js";
import { showRecords } from "./records.js";
import { logRefusals } from "./refusals.js";
import { relayEvents } from "./relay.js";
import { ringer } from "./ring.js";
import { explain } from "./why.js";

const toggles = [...document.querySelectorAll(".shell-bar [aria-controls]")];
const leaving = guardLeaving();
const config = JSON.parse(window.bus.config());

showEvents(document.getElementById("events"));
logRefusals();
showNotices(document.getElementById("notice"), document.getElementById("listener-state"));
serveCrm(config.csrf);
showRecords(document.getElementById("crm"), config.framing, watchNames(), config.display);
showPanels(document.getElementById("dock"), toggles, document.getElementById("overlay"));
askForNotifications(document.getElementById("notify"));
watchDesks(toggles, ringer(document.getElementById("ring")), leaving.isOpen);
explain(document.getElementById("why"), document.getElementById("why-open"));
relayEvents(config.relay);
follow("signed-in", () => leaving.go(() => location.reload()));
