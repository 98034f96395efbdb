// Shows offers and unread messages of our own adapters: badges, title, ringtone, desktop notifications. The adapters
// dispatch events on this document, which browsers allow only within one origin; another tenant's adapters can't.
import { element } from "./elements.js";
import { tellDesktop } from "./desktop.js";

const FLASH_MS = 1000;
const MOST_WORDS = 200;

const plural = (count, word) => (count === 1 ? `1 ${word}` : `${count} ${word}s`);

/** Calls `isOpen` with the number of open sessions on all desks. */
export function watchDesks(buttons, ring, isOpen) {
  const desks = new Map(); // frame name to {offers, unread, open}
  const title = document.title;
  let plain = title; // while no offer flashes: with unseen messages, `(2) Felix: Where is…`
  let offered = 0;
  let written = 0;
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
    document.title = document.title === plain ? words : plain;
  }

  function show() {
    const now = [...desks.values()].reduce((sum, { offers }) => sum + offers, 0);
    buttons.forEach(badge);
    isOpen([...desks.values()].reduce((sum, { open }) => sum + open, 0));
    if (now > offered) tellDesktop(now === 1 ? "An offer waits for you." : `${now} offers wait for you.`, "patchbay-offer");
    offered = now;
    const news = [...desks.values()].map((desk) => desk.news).filter(({ count }) => count > 0);
    const unseen = news.reduce((sum, { count }) => sum + count, 0);
    if (unseen > written) {
      tellDesktop(unseen === 1 ? "A new message." : `${unseen} new messages.`, "patchbay-message");
      ring.once();
    }
    written = unseen;
    plain = unseen === 0 ? title : `(${unseen}) ${news.at(-1).words}`;
    ring.offered(offered > 0);
    clearInterval(flashing);
    document.title = plain;
    if (!offered) return;
    flash();
    flashing = setInterval(flash, FLASH_MS);
  }

  document.addEventListener("patchbay:desk", ({ detail }) => {
    const [offers, unread, open] = [detail?.offers, detail?.unread, detail?.open ?? 0].map(Number);
    if (![offers, unread, open].every(Number.isSafeInteger)) return;
    desks.set(`${detail.adapter}_adapter`, { offers, unread, open, news: newsIn(detail) });
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

function newsIn({ news }) {
  const count = Number(news?.count ?? 0);
  return { count: Number.isSafeInteger(count) && count > 0 ? count : 0, words: String(news?.words ?? "").slice(0, MOST_WORDS) };
}
