// The shell's "Why?" dialog: refused messages by reason.
import { element } from "./elements.js";

const REFRESH_MS = 200;

const clock = (text) => new Date(text).toLocaleTimeString();

export function explain(dialog, button) {
  const part = (id) => dialog.querySelector(id);

  function show() {
    const { handled, reasons, refusals } = JSON.parse(window.bus.report());
    const rows = Object.entries(reasons).sort((one, other) => other[1] - one[1]);
    const refused = rows.reduce((sum, [, count]) => sum + count, 0);
    part("#why-summary").textContent = `${handled} taken, ${refused} ignored since this page was opened.`;
    part("#why-reasons").hidden = part("#why-latest-title").hidden = part("#why-latest").hidden = !refused;
    part("#why-reasons tbody").replaceChildren(
      ...rows.map(([reason, count]) => element("tr", {}, element("td", {}, reason), element("td", {}, String(count)))),
    );
    part("#why-latest").replaceChildren(
      ...refusals.reverse().map(({ at, reason, from }) => element("li", {}, `${clock(at)} ${reason} (from ${from || "nowhere"})`)),
    );
  }

  button.addEventListener("click", () => {
    show();
    dialog.showModal();
  });
  let due = 0; // limits updates during a flood of refusals
  document.addEventListener("patchbay:refused", () => {
    button.dataset.refused = "true";
    if (!dialog.open || due) return;
    due = setTimeout(() => {
      due = 0;
      show();
    }, REFRESH_MS);
  });
}
