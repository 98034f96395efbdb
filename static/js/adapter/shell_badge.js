// Tells our own shell the number of offers, unread messages and open sessions, and what of their records is known. In other
// companies' pages it does nothing.

/** `count` returns what is told, {adapter, offers, unread, ...}; call the returned function when it may have changed. */
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
