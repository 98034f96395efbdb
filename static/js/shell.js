// The shell's page: what it shows when bus.js tells that something happened. Decisions are the listeners'.
import { follow } from "./adapter/follow.js";
import { showEvents } from "./shell/log.js";
import { showNotices } from "./shell/notices.js";
import { togglePanels } from "./shell/panels.js";
import { showRecords } from "./shell/records.js";
import { logRefusals } from "./shell/refusals.js";
import { relayEvents } from "./shell/relay.js";
import { explain } from "./shell/why.js";

const config = JSON.parse(window.bus.config());

showEvents(document.getElementById("events"));
logRefusals();
showNotices(document.getElementById("notice"), document.getElementById("listener-state"));
showRecords(document.getElementById("crm"), config.framing);
togglePanels(document.querySelectorAll(".shell-bar [aria-controls]"));
explain(document.getElementById("why"), document.getElementById("why-open"));
relayEvents(config.relay);
follow("signed-in");
