// Tell the shell around us, if it is our own, how many offers, unread messages and open sessions there are. It isn't an event for
// other pages: to them this does nothing.

/** `count` returns {adapter, offers, unread, open}; call what this returns whenever they may have changed. */
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
      // a page of another origin embeds us
    }
  }

  document.addEventListener("patchbay:ask", () => {
    told = "";
    tell();
  });
  return tell;
}
