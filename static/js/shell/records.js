// The CRM area: one tab and one frame per popped record. No frame is ever navigated once it shows a record, since
// nothing can be known about what the agent has typed into it; the next record opens beside it.
import { element } from "./elements.js";

const TARGET = "target_iframe_adapter"; // carried by the frame of the last popped record, and by no other
const MOST = 12; // beyond, frames that the agent has never touched make room

export function showRecords(area) {
  const [tabs, frames, empty] = ["#crm-tabs", "#crm-records", "#crm-empty"].map((id) => area.querySelector(id));
  const [link, close] = ["#crm-window", "#crm-close"].map((id) => area.querySelector(id));
  const records = []; // in the order of the tabs: { url, tab, panel, frame, touched, popped }
  let count = 0;
  let selected = null;
  let blank = null; // the panel whose frame carries the name while no record is there

  function makePanel() {
    const frame = element("iframe", { title: "CRM record", name: TARGET });
    const panel = element("div", { class: "shell-record" }, frame);
    frames.append(panel);
    return panel;
  }

  function giveName(record) {
    for (const each of records) if (each !== record) each.frame.removeAttribute("name");
    if (record) record.frame.name = TARGET;
  }

  function labelOf(url) {
    const { host, pathname } = new URL(url);
    return decode(pathname).split("/").filter(Boolean).slice(-2).join(" ") || host;
  }

  function open(url) {
    count += 1;
    const id = `record-${count}`;
    const label = labelOf(url);
    const tab = element("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id, title: url }, label);
    giveName(null);
    const panel = blank ?? makePanel();
    blank = null;
    for (const [key, value] of [["id", id], ["role", "tabpanel"], ["aria-labelledby", `${id}-tab`]]) panel.setAttribute(key, value);
    const frame = panel.firstElementChild;
    frame.title = `CRM record ${label}`;
    const record = { url, tab, panel, frame, touched: false };
    const place = records.indexOf(selected) + 1;
    records.splice(place, 0, record);
    if (selected) selected.tab.after(tab);
    else tabs.append(tab);
    tab.addEventListener("click", () => select(record));
    frame.src = url;
    return record;
  }

  function select(record) {
    noteFocus();
    selected = record;
    for (const each of records) {
      const isSelected = each === record;
      each.tab.setAttribute("aria-selected", String(isSelected));
      each.tab.tabIndex = isSelected ? 0 : -1;
      each.panel.hidden = !isSelected;
    }
    empty.hidden = link.hidden = close.hidden = true;
    if (!record) return void (empty.hidden = false);
    link.href = record.url;
    link.hidden = close.hidden = false;
    record.tab.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function remove(record) {
    const place = records.indexOf(record);
    const [wasTarget, hadFocus] = [record.frame.name === TARGET, document.activeElement === record.tab];
    records.splice(place, 1);
    record.tab.remove();
    record.panel.remove();
    if (record === selected) select(records[place] ?? records[place - 1] ?? null);
    if (wasTarget) giveName(selected);
    if (!records.length) blank = makePanel();
    if (hadFocus) (selected?.tab ?? area).focus();
  }

  function makeRoom() {
    const spare = records.find((each) => !each.touched && each !== selected);
    if (records.length >= MOST && spare) remove(spare);
  }

  // Focus is all that one page may know of another's: a frame that has had it may hold unsaved input.
  function noteFocus() {
    for (const each of records) if (document.activeElement === each.frame) each.touched = true;
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

  document.addEventListener("patchbay:pop", ({ detail }) => {
    noteFocus();
    let record = records.find((each) => each.url === detail.url);
    if (!record) {
      makeRoom();
      record = open(detail.url);
    }
    giveName(record);
    select(record);
  });
  tabs.addEventListener("keydown", move);
  close.addEventListener("click", () => remove(selected));
  addEventListener("blur", () => setTimeout(noteFocus));
  blank = makePanel();
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
