// What to say when a connection has never been made: to whoever sits there, and to the admin, who can mend it.

const HINTS = {
  server: ["The page was loaded, but the server doesn't answer any more. Look whether it runs, and what its log says."],
  socket: [
    "The server answers, but the WebSocket doesn't come up. Look whether the proxy in front of it passes on WebSockets",
    "(the headers Upgrade and Connection), whether something on the way forbids them, and whether PATCHBAY_PUBLIC_URL is",
    "what stands in the address bar. \u201cpatchbay doctor\u201d on the server tries it.",
  ],
};

/** What the admin should look at: "socket" or "server" didn't come up. */
export function hint(part) {
  return HINTS[part].join(" ");
}

/** The same folded up, for a page that agents see. */
export function forAdmin(part) {
  const summary = document.createElement("summary");
  summary.textContent = "For the admin";
  const words = document.createElement("p");
  words.textContent = hint(part);
  const details = document.createElement("details");
  details.append(summary, words);
  return details;
}
