// The CRM area: one tab per popped record, and the frames that show them. Across origins nothing can be known about
// what the agent has typed, so a frame that has had the focus since its record popped is kept as it is. Others are
// let go when the next record pops, and load again when their tab is chosen: a frame that is gone can't keep the name
// (to remove the attribute doesn't change what the browser calls it).
import { element } from "./elements.js";

const TARGET = "target_iframe_adapter"; // carried by the frame of the last popped record, and by no other
const MOST = 12; // beyond, records that the agent has never touched make room
const LOOK_MS = 200;

export function showRecords(area) {
  const [tabs, panels, empty] = ["#crm-tabs", "#crm-records", "#crm-empty"].map((id) => area.querySelector(id));
  const [link, close] = ["#crm-window", "#crm-close"].map((id) => area.querySelector(id));
  const records = []; // in the order of the tabs: { url, label, tab, panel, frame or null, touched }
  let [selected, target] = [null, null];
  let count = 0;
  let blank = makePanel(); // its frame carries the name while there is no record

  function makePanel() {
    const panel = element("div", { class: "shell-record" }, element("iframe", { title: "CRM record", name: TARGET }));
    panels.append(panel);
    return panel;
  }

  function add(url) {
    const id = `record-${(count += 1)}`;
    const label = labelOf(url);
    const tab = element("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id, title: url }, label);
    const panel = blank ?? makePanel();
    blank = null;
    panel.id = id;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    const record = { url, label, tab, panel, frame: panel.firstElementChild, touched: false };
    record.frame.title = `CRM record ${label}`;
    record.frame.src = url;
    records.splice(records.indexOf(selected) + 1, 0, record);
    if (selected) selected.tab.after(tab);
    else tabs.append(tab);
    tab.addEventListener("click", () => select(record));
    return record;
  }

  function load(record, name) {
    const { label, url, panel } = record;
    record.frame?.remove();
    record.frame = element("iframe", { title: `CRM record ${label}`, ...(name && { name }), src: url });
    panel.append(record.frame);
  }

  // The name goes to another frame: this one stays only when it may hold the agent's work.
  function release() {
    if (target?.touched) {
      target.frame.removeAttribute("name");
    } else if (target) {
      target.frame.remove();
      target.frame = null;
    }
    target = null;
  }

  function aim(record) {
    if (record === target) return;
    release();
    target = record;
    if (record?.touched) record.frame.name = TARGET;
    else if (record) load(record, TARGET);
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
    link.hidden = close.hidden = record === null;
    if (!record) return;
    if (!record.frame) load(record);
    link.href = record.url;
    record.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function pop(url) {
    noteFocus();
    let record = records.find((each) => each.url === url);
    if (record) {
      aim(record);
    } else {
      makeRoom();
      release(); // first, so that no two frames ever carry the name
      target = record = add(url);
    }
    select(record);
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
      aim(heir);
    }
    if (record === selected) select(heir);
    if (!records.length) blank = makePanel();
    if (hadFocus) (selected?.tab ?? area).focus();
  }

  function makeRoom() {
    const spare = records.find((each) => !each.touched && each !== selected);
    if (records.length >= MOST && spare) remove(spare);
  }

  // Focus is all that one page may know of another's; no event tells when it goes from frame to frame.
  function noteFocus() {
    for (const each of records) if (each.frame && document.activeElement === each.frame) each.touched = true;
  }

  function move(event) {
    const place = records.indexOf(selected);
    const next = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: records.length - 1 }[event.key];
    if (event.key === "Delete" && selected) return remove(selected);
    if (next === undefined || !records.length) return undefined;
    event.preventDefault();
    select(records[(next + records.length) % records.length]);
    return selected.tab.focus();
  }

  document.addEventListener("patchbay:pop", ({ detail }) => pop(detail.url));
  tabs.addEventListener("keydown", move);
  close.addEventListener("click", () => remove(selected));
  addEventListener("blur", () => setTimeout(noteFocus));
  setInterval(noteFocus, LOOK_MS);
}

function labelOf(url) {
  const { host, pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname).split("/").filter(Boolean).slice(-2).join(" ") || host;
  } catch {
    return host; // a path that only looks percent-encoded
  }
}
