// Shows offers and unread messages of our own adapters: badges, title, ringtone, desktop notifications. The adapters
// dispatch events on this document, which browsers allow only within one origin; another tenant's adapters can't.
import { element } from "./elements.js";
import { tellDesktop } from "./desktop.js";

const FLASH_MS = 1000;

const plural = (count, word) => (count === 1 ? `1 ${word}` : `${count} ${word}s`);

/** Calls `isOpen` with the number of open sessions on all desks. */
export function watchDesks(buttons, ring, isOpen) {
  const desks = new Map(); // frame name to {offers, unread, open}
  const title = document.title;
  let offered = 0;
  let flashing = 0;

  function badge(button) {
    const { offers, unread } = desks.get(button.getAttribute("aria-controls").replace(/-panel$/, "")) ?? { offers: 0, unread: 0 };
    const isHidden = button.getAttribute("aria-pressed") === "false";
    const count = isHidden ? offers + unread : 0;
    button.querySelector(".shell-badge")?.remove();
    button.removeAttribute("aria-description");
    if (!count) return;
    button.append(element("span", { class: "shell-badge", "aria-hidden": "true" }, String(count)));
    button.setAttribute("aria-description", `${plural(offers, "offer")}, ${unread} unread`);
  }

  function flash() {
    const words = `(${offered}) ${offered === 1 ? "Offer" : "Offers"} waiting`;
    document.title = document.title === title ? words : title;
  }

  function show() {
    const now = [...desks.values()].reduce((sum, { offers }) => sum + offers, 0);
    buttons.forEach(badge);
    isOpen([...desks.values()].reduce((sum, { open }) => sum + open, 0));
    if (now > offered) tellDesktop(now === 1 ? "An offer waits for you." : `${now} offers wait for you.`, "patchbay-offer");
    offered = now;
    ring(offered > 0);
    clearInterval(flashing);
    document.title = title;
    if (!offered) return;
    flash();
    flashing = setInterval(flash, FLASH_MS);
  }

  document.addEventListener("patchbay:desk", ({ detail }) => {
    const [offers, unread, open] = [detail?.offers, detail?.unread, detail?.open ?? 0].map(Number);
    if (![offers, unread, open].every(Number.isSafeInteger)) return;
    desks.set(`${detail.adapter}_adapter`, { offers, unread, open });
    show();
  });
  document.addEventListener("patchbay:panels", () => buttons.forEach(badge));

  for (const frame of document.querySelectorAll(".shell-panel iframe")) {
    const ask = () => frame.contentDocument?.dispatchEvent(new CustomEvent("patchbay:ask"));
    frame.addEventListener("load", () => {
      desks.delete(frame.name); // a sign-in page has no desk
      show();
      ask();
    });
    ask();
  }
}
