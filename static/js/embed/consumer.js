// /consumer.js: adds a button to a company's site that opens the consumers' chat.

const DATA_ATTRIBUTES = { queue: "queue", name: "name", phone: "phone", email: "email", "custom-data": "custom_data", "custom-data-jwt": "custom_data_jwt" };
const STORAGE_KEY = "patchbay-chat-is-open"; // keeps the chat open on the site's next page

const WIDGET = `${COLORS}
  :host {
    position: fixed !important; inset: auto 16px 16px 16px !important; z-index: 2147483000 !important; display: flex !important;
    flex-direction: column; align-items: flex-end; gap: 8px; pointer-events: none !important;
  }
  :host([data-position="left"]) { align-items: flex-start; }
  ::slotted(iframe) { width: 380px !important; height: 590px !important; }
`;

/** Returns the data about the visitor in the tag: {name: "Felix Leiter", ...}. */
function visitorData() {
  const known = Object.entries(DATA_ATTRIBUTES).map(([attribute, parameter]) => [parameter, option(attribute)]);
  return Object.fromEntries(known.filter(([, value]) => value));
}

/** Posts the data to the form in our frame when it asks; the frame's address doesn't have it, since addresses are logged. */
function answerForm(frame) {
  addEventListener("message", ({ source, origin, data }) => {
    if (origin !== HOST || source === null || source !== frame.contentWindow) return;
    if (data !== JSON.stringify({ type: "Consumer_Ready" })) return;
    const text = JSON.stringify({ type: "Consumer_Data", data: visitorData() });
    if (text.length > LARGEST_BYTES) warn(`the data- attributes hold ${text.length} characters; ${LARGEST_BYTES} fit.`);
    else source.postMessage(text, HOST);
  });
}

// If storage is forbidden, the chat stays closed until the visitor opens it.
function remember(isOpen) {
  try {
    sessionStorage.setItem(STORAGE_KEY, String(isOpen));
  } catch {
    // as above
  }
}

function wasOpen() {
  try {
    return sessionStorage.getItem(STORAGE_KEY) === "true";
  } catch {
    return false;
  }
}

/** Adds the button; the frame is added at the first click, so that other visitors don't load it. */
function widget() {
  const label = option("label", "Chat with us");
  const button = element("button", { type: "button", "aria-expanded": "false", dir: "auto" }, label);
  const made = box("patchbay-consumer", WIDGET, [element("slot"), button], []);
  made.setAttribute("data-position", option("position", "right"));
  let frame = null;

  const show = (isOpen) => {
    if (isOpen && !frame) {
      frame = frameOf("/consumer/", { title: label, name: "patchbay_consumer" });
      answerForm(frame);
      made.append(frame);
    }
    if (frame) frame.hidden = !isOpen;
    button.setAttribute("aria-expanded", String(isOpen));
    button.textContent = isOpen ? option("label-close", "Minimise") : label;
    remember(isOpen);
  };

  button.addEventListener("click", () => show(frame === null || frame.hidden));
  if (wasOpen()) show(true);
  keep(made, besideBody);
  return show;
}

let show = () => {};

defineOnce("PatchbayConsumer", { open: () => show(true), close: () => show(false) }, () => { show = widget(); });
