// The CRM area: a tab for each popped record, and the frames that show them. A page of another origin doesn't tell whether
// the agent has typed something, so a frame that has had the focus since its pop, or is pinned, is kept. Other frames are
// removed at the next pop, and load again when their tab is selected.
import { element } from "./elements.js";
import { explainRefusal } from "./framing.js";
import { insertFrame, TARGET } from "./record_frames.js";

const MOST = 12; // above that, records without a kept frame are removed
const LOOK_MS = 200;

const isKept = (record) => record.touched || record.pinned || record.isDisplay;

/**
 * `names.of(url)` returns whose record an address shows, or null; see names.js.
 * `display` is the CRM's own page, {label, url, reason}, or null; without a url the reason is shown.
 */
export function showRecords(area, framing, names, display) {
  const [tabs, panels, empty] = ["#crm-tabs", "#crm-records", "#crm-empty"].map((id) => area.querySelector(id));
  const [link, pin, close] = ["#crm-window", "#crm-pin", "#crm-close"].map((id) => area.querySelector(id));
  // In the order of the tabs: { url, label, tab, panel, frame or null, touched, pinned, restored, isDisplay }.
  const records = [];
  let [selected, target] = [null, null]; // target: the record whose frame has the name
  const { sandbox } = framing;
  let count = 0;
  let blank = makeBlank(); // its frame has the name while there is no record

  function makeBlank() {
    const panel = element("div", { class: "shell-record" });
    panels.append(panel);
    insertFrame(panel, { title: "CRM record", isTarget: true });
    return panel;
  }

  function make(url, label, { isDisplay = false } = {}) {
    const id = `record-${(count += 1)}`;
    const tab = element("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id, title: url, dir: "auto" }, label);
    const panel = element("div", { class: "shell-record", id, role: "tabpanel", "aria-labelledby": tab.id });
    const record = { url, label, tab, panel, frame: null, touched: false, pinned: false, restored: false, isDisplay };
    tab.addEventListener("click", () => select(record));
    panels.append(panel);
    return record;
  }

  // The CRM's own page has the first tab for as long as the shell is open; pops never take its frame.
  function addDisplay({ label, url, reason }) {
    const record = make(url ?? "", label, { isDisplay: true });
    if (!url) record.panel.append(element("div", { class: "shell-unframed" }, element("p", {}, reason)));
    records.unshift(record);
    tabs.prepend(record.tab);
    select(record);
  }

  function add(url) {
    const record = make(url, names.of(url) ?? labelOf(url));
    blank?.remove();
    blank = null;
    records.splice(records.indexOf(selected) + 1, 0, record);
    if (selected) selected.tab.after(record.tab);
    else tabs.append(record.tab);
    return record;
  }

  const popped = (url) => records.find((each) => each.url === url && !each.isDisplay);

  // Puts the consumer's name on a tab, which is often known only after the pop.
  function rename(url) {
    const record = popped(url);
    if (!record) return;
    record.label = names.of(url) ?? record.label;
    record.tab.textContent = record.label;
    if (record.frame) record.frame.title = `CRM record ${record.label}`;
  }

  function load(record, isTarget = false) {
    const { label, url, panel } = record;
    if (!url) return;
    record.frame?.remove();
    record.frame = insertFrame(panel, { title: record.isDisplay ? label : `CRM record ${label}`, url, isTarget, sandbox });
    explainRefusal(framing, panel, url);
  }

  // Takes the name from a frame, which stays only if it may contain the agent's work.
  function release() {
    if (target && isKept(target)) {
      target.frame.removeAttribute("name");
    } else if (target) {
      target.frame?.remove();
      target.frame = null;
    }
    target = null;
  }

  function aim(record) {
    if (record === target) return;
    release(); // first, so that no two frames have the name
    target = record;
    if (record?.frame && isKept(record)) record.frame.name = TARGET;
    else if (record) load(record, true);
  }

  function select(record) {
    noteFocus();
    selected = record;
    for (const each of records) {
      each.tab.setAttribute("aria-selected", String(each === record));
      each.tab.tabIndex = each === record ? 0 : -1;
      each.panel.hidden = each !== record;
    }
    empty.hidden = record !== null;
    link.hidden = !record?.url;
    pin.hidden = close.hidden = !record || record.isDisplay;
    if (!record) return;
    if (!record.frame) load(record);
    link.href = record.url;
    pin.setAttribute("aria-pressed", String(record.pinned));
    record.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function pop(url) {
    noteFocus();
    let record = popped(url);
    if (!record) {
      makeRoom();
      record = add(url);
    }
    record.restored = false;
    aim(record);
    select(record);
  }

  // Restores the tab of a record that popped before this page was loaded, without replacing a newer one.
  function restore(url) {
    if (popped(url)) return;
    noteFocus();
    makeRoom();
    const record = add(url);
    record.restored = true;
    if (!target || (target.restored && !isKept(target))) aim(record);
    const isFree = !selected || (selected.isDisplay && !selected.touched) || (selected.restored && !isKept(selected));
    select(isFree ? record : selected);
  }

  function remove(record) {
    const place = records.indexOf(record);
    const hadFocus = document.activeElement === record.tab;
    records.splice(place, 1);
    record.tab.remove();
    record.panel.remove();
    const heir = record === selected ? (records[place] ?? records[place - 1] ?? null) : selected;
    if (record === target) {
      target = null;
      aim(heir?.isDisplay ? (records.findLast((each) => !each.isDisplay) ?? null) : heir);
    }
    if (record === selected) select(heir);
    if (!records.some((each) => !each.isDisplay)) blank = makeBlank();
    if (hadFocus) (selected?.tab ?? area).focus();
  }

  function makeRoom() {
    const spare = records.find((each) => !isKept(each) && each !== selected);
    if (records.length >= MOST && spare) remove(spare);
  }

  function togglePin() {
    selected.pinned = !selected.pinned;
    pin.setAttribute("aria-pressed", String(selected.pinned));
    selected.tab.toggleAttribute("data-pinned", selected.pinned);
    if (selected.pinned) selected.tab.setAttribute("aria-description", "pinned");
    else selected.tab.removeAttribute("aria-description");
  }

  // Focus is the only thing to observe in another origin's frame, and its move between frames causes no event.
  function noteFocus() {
    for (const each of records) if (each.frame && document.activeElement === each.frame) each.touched = true;
  }

  function move(event) {
    const place = records.indexOf(selected);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: records.length - 1 }[event.key];
    if (event.key === "Delete" && selected && !selected.isDisplay) return remove(selected);
    if (next === undefined || !records.length) return undefined;
    event.preventDefault();
    select(records[(next + records.length) % records.length]);
    return selected.tab.focus();
  }

  document.addEventListener("patchbay:pop", ({ detail: { url, restored } }) => (restored ? restore(url) : pop(url)));
  document.addEventListener("patchbay:named", ({ detail: { url } }) => rename(url));
  tabs.addEventListener("keydown", move);
  pin.addEventListener("click", togglePin);
  close.addEventListener("click", () => remove(selected));
  addEventListener("blur", () => setTimeout(noteFocus));
  setInterval(noteFocus, LOOK_MS);
  if (display) addDisplay(display);
}

function labelOf(url) {
  const { host, pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname).split("/").filter(Boolean).slice(-2).join(" ") || host;
  } catch {
    return host; // the path isn't valid percent-encoding
  }
}
