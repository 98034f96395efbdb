// Shows records in a frame of the page: data-target="its name", data-page-hosts="crm.example other.example:8001". The
// record of the session in front shows. A frame in which the agent may have typed is never led elsewhere: a bar offers it.

const LOOK_MS = 200;
/** Shows each popped record in the frame that the tag names, and the one of the chat that the agent turns to. */
function popRecords() {
  const urls = new Map(); // session id to the address of its record
  const used = new WeakSet(); // frames in which the agent has been since their last pop
  const shown = new WeakMap(); // frame to the address that it shows
  // It has its own element, since the dock may be anywhere.
  const css = `${COLORS}
    :host {
      position: fixed !important; inset: 8px 8px auto !important; z-index: 2147483000 !important; display: flex !important;
      justify-content: center; pointer-events: none !important;
    }
    :host([hidden]) { display: none !important; }
  `;
  const show = element("button", { type: "button" });
  const bar = box("patchbay-record", css, [element("div", { role: "status" }, show)], []);
  let [session, isKept] = [null, false];

  const target = () => option("target") && document.querySelector(`iframe[name="${CSS.escape(option("target"))}"]`);

  // Focus is all that another origin's frame shows of what happens in it.
  function look() {
    const frame = target();
    if (frame && document.activeElement === frame && shown.has(frame)) used.add(frame);
  }

  function go(frame, url) {
    used.delete(frame);
    shown.set(frame, url);
    bar.hidden = true;
    frame.src = url;
  }

  function open(url, about) {
    const frame = target();
    look();
    if (!frame) return warn(`there is no iframe named ${option("target")}, which data-target names.`);
    bar.hidden = true;
    if (used.has(frame) && shown.get(frame) === url) return undefined;
    if (!used.has(frame)) return go(frame, url);
    show.textContent = `Show the record of ${about}. What you typed in the page that is open may be lost.`;
    show.onclick = () => target() && go(target(), url);
    bar.hidden = false;
    if (!isKept) keep(bar, besideBody);
    isKept = true;
    return undefined;
  }

  const idOf = ({ call_id: call, chat_id: chat }) => call ?? chat ?? null;
  const aboutOf = ({ call_id: call, chat_id: chat }) => (call === undefined ? `chat ${chat}` : `call ${call}`);

  on("CRM_Record_Pop", ({ data }) => {
    if (!option("target")) return;
    const problem = problemOf(data.recordUrl, words(option("page-hosts", location.host)));
    if (problem) {
      warn(`the record can't be shown: its address ${problem}.`);
      return;
    }
    const url = new URL(data.recordUrl).href;
    if (idOf(data) !== null) urls.set(String(idOf(data)), url);
    if (session === null || idOf(data) === null || String(idOf(data)) === session) open(url, aboutOf(data));
  });
  for (const type of ["New_Call", "New_Chat", "Active_Chat"]) {
    on(type, ({ data }) => {
      session = String(idOf(data));
      const url = urls.get(session);
      if (option("target") && url !== undefined && shown.get(target()) !== url) open(url, aboutOf(data));
    });
  }
  for (const type of ["End_Call", "End_Chat"]) {
    on(type, ({ data }) => {
      if (session === String(idOf(data))) session = null;
    });
  }
  setInterval(look, LOOK_MS);
}

// The text is checked too, since URL corrects invalid input, and a script address would run in this page.
function problemOf(url, hosts) {
  if (typeof url !== "string" || !/^https?:\/\/[^\s\\/]+[^\s\\\u0000-\u001f\u007f]*$/i.test(url)) {
    return "is no absolute http or https address";
  }
  if (!URL.canParse(url)) return "cannot be read";
  const { host, protocol, username, password } = new URL(url);
  if (username || password) return "names a user";
  const isListed = hosts.some((listed) => spelled(`${protocol}//${listed}`) === spelled(url));
  return isListed ? "" : `leads to ${host}, which is not in data-page-hosts (${hosts.join(" ")})`;
}

/** Returns an origin in a normalized form: case, brackets, default port, international names, a dot at the end. */
function spelled(url) {
  if (!URL.canParse(url)) return null;
  const { protocol, hostname, port } = new URL(url);
  return `${protocol}//${hostname.replace(/\.$/, "")}:${port}`;
}
