"use strict";

// A classic script, first in the head. Whoever presses "Send" before the modules are here would reload the page and
// lose what he wrote: such a form waits for them.
(() => {
  const held = new Set();

  function hold(event) {
    if (!event.target.matches("form[data-send]")) return;
    event.preventDefault();
    event.stopPropagation();
    held.add(event.target);
  }

  addEventListener("submit", hold, true);

  /** Called by the module that sends, once it listens. */
  window.sendHeld = () => {
    removeEventListener("submit", hold, true);
    for (const form of held) if (form.isConnected) form.requestSubmit();
  };
})();
