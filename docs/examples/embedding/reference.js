// The reference's listener, with the checks that it lacks: any window can post to this page, and an address such as
// javascript:... in iframe.src would run as this page's own script.
// Read like this, since an element of the page may be called currentScript: <img name="currentScript">.
const { host, pageHosts } = Reflect.get(Document.prototype, "currentScript", document).dataset;
const adapters = [...document.querySelectorAll('iframe[name$="_adapter"][src]')];
const iframeTarget = document.querySelector('iframe[name="target_iframe_adapter"]');

function eventIn({ origin, source, data }) {
  // Exactly the adapters' origin, and one of our own two frames.
  if (origin !== host || !adapters.some((frame) => frame.contentWindow === source)) return null;
  try {
    const event = JSON.parse(data);
    return typeof event?.type === "string" && typeof event.data === "object" ? event : null;
  } catch {
    return null;
  }
}

function isOfTheCrm(address) {
  if (!URL.canParse(address)) return false;
  const url = new URL(address);
  return ["https:", "http:"].includes(url.protocol) && pageHosts.split(" ").includes(url.host);
}

const handlers = {
  CRM_Record_Pop({ recordUrl }) {
    if (isOfTheCrm(recordUrl)) iframeTarget.src = new URL(recordUrl).href;
    else console.warn("This address is no page of the CRM, and isn't shown:", recordUrl);
  },
  New_Chat({ chat_id }) {
    console.log(`Chat ${chat_id} started`);
  },
  End_Chat({ chat_id }) {
    console.log(`Chat ${chat_id} ended`);
  },
};

window.addEventListener("message", (message) => {
  const event = eventIn(message);
  if (event && Object.hasOwn(handlers, event.type)) handlers[event.type](event.data);
});
