// The CRM area: a tab for each popped record, and the frames that show them. It follows the session in front. A page of
// another origin doesn't tell whether the agent has typed something, so a frame that has had the focus since its pop, or is
// kept open, stays. Other frames are removed at the next pop, and load again when their tab is selected.
import { element } from "./elements.js";
import { explainRefusal } from "./framing.js";
import { emptyArea } from "./no_record.js";
import { insertFrame, TARGET } from "./record_frames.js";
import { labelOf, makeTab } from "./record_tab.js";
import { offerReload } from "./stale.js";

const MOST = 12; // above that, records without a kept frame are removed
const LOOK_MS = 200;

const isKept = (record) => record.touched || record.pinned || record.isDisplay;

/**
 * `names` knows whose record an address shows; see names.js. `sessions` knows the session in front; see sessions.js.
 * `display` is the CRM's own page, {label, url, reason}, or null; without a url the reason is shown.
 * `preloaded(url)` returns the panel and frame that wait for a record, {panel, frame}, or null; it gives them away.
 */
export function showRecords(area, { framing, names, sessions, display, preloaded }) {
  const [tabs, panels, empty] = ["#crm-tabs", "#crm-records", "#crm-empty"].map((id) => area.querySelector(id));
  const [link, pin, close] = ["#crm-window", "#crm-pin", "#crm-close"].map((id) => area.querySelector(id));
  const explain = emptyArea(empty);
  // In the order of the tabs: { url, label, node, tab, panel, frame or null, touched, pinned, restored, isDisplay }.
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
    const record = { url, label, frame: null, touched: false, pinned: false, restored: false, isDisplay };
    const onClose = isDisplay ? null : () => remove(record);
    Object.assign(record, makeTab({ id, url, label, onSelect: () => select(record), onClose }), preloaded(url) ?? {});
    record.panel ??= element("div", { class: "shell-record" });
    for (const [name, value] of Object.entries({ id, role: "tabpanel", "aria-labelledby": record.tab.id })) record.panel.setAttribute(name, value);
    if (!record.panel.isConnected) panels.append(record.panel);
    return record;
  }

  // The CRM's own page has the first tab for as long as the shell is open; pops never take its frame.
  function addDisplay({ label, url, reason }) {
    const record = make(url ?? "", label, { isDisplay: true });
    if (!url) record.panel.append(element("div", { class: "shell-unframed" }, element("p", {}, reason)));
    records.unshift(record);
    tabs.prepend(record.node);
    select(record);
  }

  // `name` is the consumer's, where no pop has told whose record it is.
  function add(url, name = null) {
    const record = make(url, names.of(url) ?? name ?? labelOf(url));
    blank?.remove();
    blank = null;
    records.splice(records.indexOf(selected) + 1 || records.length, 0, record);
    if (selected) selected.node.after(record.node);
    else tabs.append(record.node);
    record.panel.hidden = true;
    if (record.frame) record.frame.title = `CRM record ${record.label}`;
    record.tab.setAttribute("aria-selected", "false");
    record.tab.tabIndex = -1;
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

  // Takes the name from a frame, which stays only if it may contain the agent's work, or is looked at.
  function release(shown) {
    if (target && (isKept(target) || target === shown)) {
      target.frame.removeAttribute("name");
    } else if (target) {
      target.frame?.remove();
      target.frame = null;
    }
    target = null;
  }

  function aim(record, shown = record) {
    if (record === target) return;
    release(shown); // first, so that no two frames have the name
    target = record;
    if (record?.frame && (isKept(record) || record === selected || record.isPreloaded)) record.frame.name = TARGET;
    else if (record) load(record, true);
  }

  function select(record) {
    noteFocus();
    selected = record;
    for (const each of records) {
      each.tab.setAttribute("aria-selected", String(each === record));
      each.tab.tabIndex = each === (record ?? records[0]) ? 0 : -1;
      each.panel.hidden = each !== record;
    }
    empty.hidden = record !== null;
    link.hidden = !record?.url;
    pin.hidden = close.hidden = !record || record.isDisplay;
    if (!record) return explain(stateOf(sessions.front()));
    if (!record.frame) load(record);
    link.href = record.url;
    pin.setAttribute("aria-pressed", String(record.pinned));
    return record.node.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // Says why there is no record of the session in front; null without one.
  function stateOf(session) {
    if (session === null) return null;
    const name = names.nameOf(session) ?? "the record";
    if (names.urlOf(session) !== null) return { title: `You closed the record of ${name}`, words: "", open: follow };
    const problem = sessions.problemOf(session);
    if (problem) return { title: `No record of ${name}`, words: problem };
    return { title: `Looking up ${name}…`, words: "" };
  }

  // Shows the record of the session in front, or that it is being looked up: never another person's.
  function follow() {
    const session = sessions.front();
    if (session === null) return selected === null && select(records.find((each) => each.isDisplay) ?? null);
    const url = names.urlOf(session) ?? preloaded.urlOf(session);
    if (url === null) return select(null);
    return select(popped(url) ?? add(url, names.nameOf(session)));
  }

  const isInFront = (url) => {
    const [session, front] = [names.sessionOf(url), sessions.front()];
    return session === null || front === null || names.urlOf(front) === url || !sessions.isOpen(session);
  };

  function pop(url) {
    noteFocus();
    let record = popped(url);
    if (record) refresh(record);
    else {
      makeRoom();
      record = add(url);
    }
    record.restored = false;
    const isShown = isInFront(url);
    aim(record, isShown ? record : selected);
    if (isShown) select(record);
  }

  // Loads a record anew that belongs to another account now, or offers to, where the agent may have typed something.
  function refresh(record) {
    if (!names.takeChange(record.url) || !record.frame) return;
    const again = () => {
      const isTarget = record === target;
      record.touched = record.isPreloaded = false;
      if (isTarget) target = null;
      record.frame.remove();
      record.frame = null;
      if (isTarget) aim(record);
      else if (record === selected) load(record);
    };
    if (isKept(record)) offerReload(record.panel, again);
    else again();
  }

  // Restores the tab of a record that popped before this page was loaded, without replacing a newer one.
  function restore(url) {
    if (popped(url)) return;
    noteFocus();
    makeRoom();
    const record = add(url);
    record.restored = true;
    if (!target || (target.restored && !isKept(target))) aim(record);
    if (sessions.front() !== null) return follow();
    const isFree = !selected || (selected.isDisplay && !selected.touched) || (selected.restored && !isKept(selected));
    select(isFree ? record : selected);
  }

  function heirOf(record) {
    const place = records.indexOf(record);
    if (sessions.front() === null) return records[place + 1] ?? records[place - 1] ?? null;
    const front = popped(names.urlOf(sessions.front()));
    return front && front !== record ? front : null;
  }

  function remove(record) {
    const hadFocus = document.activeElement === record.tab;
    const heir = record === selected ? heirOf(record) : selected;
    records.splice(records.indexOf(record), 1);
    record.node.remove();
    record.panel.remove();
    if (record === target) {
      target = null;
      aim(heir && !heir.isDisplay ? heir : (records.findLast((each) => !each.isDisplay) ?? null));
    }
    if (record === selected) select(heir);
    if (!records.some((each) => !each.isDisplay)) blank = makeBlank();
    if (hadFocus) (selected?.tab ?? area).focus();
  }

  // The record of a session that is over goes with it, unless it may contain the agent's work.
  function leave(session) {
    const record = popped(names.urlOf(session));
    noteFocus();
    if (record && !isKept(record) && !names.sessionsOf(record.url).some(sessions.isOpen)) remove(record);
  }

  function makeRoom() {
    const spare = records.find((each) => !isKept(each) && each !== selected);
    if (records.length >= MOST && spare) remove(spare);
  }

  function togglePin() {
    selected.pinned = !selected.pinned;
    pin.setAttribute("aria-pressed", String(selected.pinned));
    selected.tab.toggleAttribute("data-pinned", selected.pinned);
    if (selected.pinned) selected.tab.setAttribute("aria-description", "kept open");
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
  document.addEventListener("patchbay:front", follow);
  document.addEventListener("patchbay:gone", ({ detail: { session } }) => leave(session));
  document.addEventListener("patchbay:desk", () => selected === null && explain(stateOf(sessions.front())));
  tabs.addEventListener("keydown", move);
  pin.addEventListener("click", togglePin);
  close.addEventListener("click", () => remove(selected));
  addEventListener("blur", () => setTimeout(noteFocus));
  setInterval(noteFocus, LOOK_MS);
  if (display) addDisplay(display);
}
