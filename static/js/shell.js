// The shell's page: what it shows when bus.js tells that something happened. Decisions are the listeners'.
import { follow } from "./adapter/follow.js";
import { guardLeaving } from "./adapter/leaving.js";
import { serveCrm } from "./shell/crm.js";
import { askForNotifications } from "./shell/desktop.js";
import { watchDesks } from "./shell/desks.js";
import { showEvents } from "./shell/log.js";
import { showNotices } from "./shell/notices.js";
import { showPanels } from "./shell/panels.js";
import { showRecords } from "./shell/records.js";
import { logRefusals } from "./shell/refusals.js";
import { relayEvents } from "./shell/relay.js";
import { ringer } from "./shell/ring.js";
import { explain } from "./shell/why.js";

const toggles = [...document.querySelectorAll(".shell-bar [aria-controls]")];
const leaving = guardLeaving();
const config = JSON.parse(window.bus.config());

showEvents(document.getElementById("events"));
logRefusals();
showNotices(document.getElementById("notice"), document.getElementById("listener-state"));
serveCrm(config.csrf);
showRecords(document.getElementById("crm"), config.framing);
showPanels(document.getElementById("dock"), toggles, document.getElementById("overlay"));
askForNotifications(document.getElementById("notify"));
watchDesks(toggles, ringer(document.getElementById("ring")), leaving.isOpen);
explain(document.getElementById("why"), document.getElementById("why-open"));
relayEvents(config.relay);
follow("signed-in", () => leaving.go(() => location.reload()));
