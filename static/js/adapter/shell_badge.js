// Tells our own shell the number of offers, unread messages and open sessions, and the consumers' names. In other companies' pages it does nothing.

/** `count` returns {adapter, offers, unread, open, names}, with the consumer's name by session id; call the returned function when they may have changed. */
export function shellBadge(count) {
  let told = "";

  function tell() {
    const detail = count();
    const text = JSON.stringify(detail);
    if (text === told || window.parent === window) return;
    try {
      window.parent.document.dispatchEvent(new CustomEvent("patchbay:desk", { detail }));
      told = text;
    } catch {
      // the parent has another origin
    }
  }

  document.addEventListener("patchbay:ask", () => {
    told = "";
    tell();
  });
  return tell;
}
