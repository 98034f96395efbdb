"use strict";

// Holds forms that are sent before the modules are loaded: sending them would reload the page and lose the text.
// A classic script, first in the head.
(() => {
  const held = new Set();

  function hold(event) {
    if (!event.target.matches("form[data-send]")) return;
    event.preventDefault();
    event.stopPropagation();
    held.add(event.target);
  }

  addEventListener("submit", hold, true);

  /** Sends the held forms; called by the module that handles them. */
  window.sendHeld = () => {
    removeEventListener("submit", hold, true);
    for (const form of held) if (form.isConnected) form.requestSubmit();
  };
})();
