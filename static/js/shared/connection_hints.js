// Texts for a first connection that fails: for the user, and for the admin who can fix it.

const HINTS = {
  server: ["The page was loaded, but the server doesn't answer any more. Look whether it runs, and what its log says."],
  socket: [
    "The server answers, but the WebSocket doesn't come up. Look whether the proxy in front of it passes on WebSockets",
    "(the headers Upgrade and Connection), whether something on the way forbids them, and whether PATCHBAY_PUBLIC_URL is",
    "what stands in the address bar. \u201cpatchbay doctor\u201d on the server tries it.",
  ],
};

/** Returns what the admin should check if the "socket" or the "server" fails. */
export function hint(part) {
  return HINTS[part].join(" ");
}

/** Returns the same in a closed details element, for agents' pages. */
export function forAdmin(part) {
  const summary = document.createElement("summary");
  summary.textContent = "For the admin";
  const words = document.createElement("p");
  words.textContent = hint(part);
  const details = document.createElement("details");
  details.append(summary, words);
  return details;
}
