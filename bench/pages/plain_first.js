// What the shell's own scripts ask of the airlock, which the page with the plain listener does without.
window.bus = { config: () => document.getElementById("page-config").textContent, report: () => '{"reasons": {}, "refusals": []}' };
