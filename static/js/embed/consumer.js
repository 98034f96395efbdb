// /consumer.js: a button that opens the consumers' chat, in a company's site.

const GIVEN = { queue: "queue", name: "name", phone: "phone", email: "email", "custom-data": "custom_data", "custom-data-jwt": "custom_data_jwt" };
const KEPT = "patchbay-chat-is-open"; // so that the chat is open again on the site's next page
const LONGEST_ADDRESS = 8000;

const WIDGET = `${COLORS}
  :host {
    position: fixed !important; inset: auto 16px 16px 16px !important; z-index: 2147483000 !important; display: flex !important;
    flex-direction: column; align-items: flex-end; gap: 8px; pointer-events: none !important;
  }
  :host([data-position="left"]) { align-items: flex-start; }
  ::slotted(iframe) { width: 380px !important; height: 590px !important; }
`;

function address() {
  const query = new URLSearchParams();
  for (const [attribute, parameter] of Object.entries(GIVEN)) {
    if (option(attribute)) query.set(parameter, option(attribute));
  }
  const path = `/consumer/${query.size ? `?${query}` : ""}`;
  if (path.length > LONGEST_ADDRESS) warn(`the data- attributes make an address of ${path.length} characters; ${LONGEST_ADDRESS} fit.`);
  return path;
}

// Where the site's visitors forbid storage, the chat stays closed until they open it.
function remember(isOpen) {
  try {
    sessionStorage.setItem(KEPT, String(isOpen));
  } catch {
    // as above
  }
}

function wasOpen() {
  try {
    return sessionStorage.getItem(KEPT) === "true";
  } catch {
    return false;
  }
}

/** Put the button into the page; the frame comes with the first click, so that nobody else pays for it. */
function widget() {
  const label = option("label", "Chat with us");
  const button = element("button", { type: "button", "aria-expanded": "false" }, label);
  const made = box("patchbay-consumer", WIDGET, [element("slot"), button], []);
  made.setAttribute("data-position", option("position", "right"));
  let frame = null;

  const show = (isOpen) => {
    if (isOpen && !frame) made.append((frame = frameOf(address(), { title: label, name: "patchbay_consumer" })));
    if (frame) frame.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = isOpen ? option("label-close", "Close chat") : label;
    remember(isOpen);
  };

  button.addEventListener("click", () => show(frame === null || frame.hidden));
  if (wasOpen()) show(true);
  document.body.append(made);
  return show;
}

if (window.PatchbayConsumer) {
  warn("consumer.js stands in this page twice; the second one does nothing.");
} else {
  let show = () => {};
  window.PatchbayConsumer = Object.freeze({ open: () => show(true), close: () => show(false) });
  whenReady(() => { show = widget(); });
}
