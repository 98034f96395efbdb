// The shell's page: what it shows when bus.js tells that something happened. Decisions are the listeners'.
import { follow } from "./adapter/follow.js";
import { showEvents } from "./shell/log.js";
import { showNotices } from "./shell/notices.js";
import { togglePanels } from "./shell/panels.js";
import { showRecords } from "./shell/records.js";
import { relayEvents } from "./shell/relay.js";
import { explain } from "./shell/why.js";

showEvents(document.getElementById("events"));
showNotices(document.getElementById("notice"), document.getElementById("listener-state"));
showRecords(document.getElementById("crm"));
togglePanels(document.querySelectorAll(".shell-bar [aria-controls]"));
explain(document.getElementById("why"), document.getElementById("why-open"));
relayEvents(JSON.parse(window.bus.config()).relay);
follow("signed-in");
