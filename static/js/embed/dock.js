// /embed.js: adds a dock with the adapters, or the whole shell, to any page, and the global `Patchbay`.

const SIZES = { call: [290, 600], chat: [450, 590] };
const NARROW = matchMedia("(max-width: 780px)");

const DOCK = `${COLORS}
  :host {
    position: fixed !important; inset: auto 8px 8px 8px !important; z-index: 2147483000 !important; display: flex !important;
    flex-direction: column; align-items: flex-end; gap: 8px; pointer-events: none !important;
  }
  :host([data-position="left"]) { align-items: flex-start; }
  .panels { display: flex; align-items: flex-end; gap: 8px; }
  .bar { display: flex; gap: 8px; }
  ${Object.entries(SIZES).map(([name, [width, height]]) =>
    `::slotted([slot="${name}"]) { width: ${width}px !important; height: ${height}px !important; }`).join("\n")}
`;

const words = (text) => text.split(/[\s,]+/).filter(Boolean);

/** Makes a dock with the adapters `names`, of which `open` are shown. Only CSS changes: a moved frame would reload. */
function dock(names, open) {
  const frames = names.map((name) => frameOf(`/agent/?type=${name}&from=${encodeURIComponent(option("from", "custom"))}`, {
    name: `${name}_adapter`, slot: name, title: titleOf(name),
  }));
  const buttons = names.map((name) => element("button", { type: "button" }, titleOf(name)));

  const show = (name, shown = true) => {
    names.forEach((each, place) => {
      if (each === name) frames[place].hidden = !shown;
      else if (shown && NARROW.matches) frames[place].hidden = true;
      buttons[place].setAttribute("aria-pressed", String(!frames[place].hidden));
    });
  };

  names.forEach((name, place) => buttons[place].addEventListener("click", () => show(name, frames[place].hidden)));
  names.forEach((name) => show(name, false));
  names.filter((name) => open.includes(name)).forEach((name) => show(name));
  const slots = names.map((name) => element("slot", { name }));
  const bar = element("div", { class: "bar", role: "group", "aria-label": "Adapters" }, ...buttons);
  const made = box("patchbay-dock", DOCK, [element("div", { class: "panels" }, ...slots), bar], frames);
  made.setAttribute("data-position", option("position", "right"));
  return { made, frames, show };
}

function titleOf(name) {
  return `${name[0].toUpperCase()}${name.slice(1)} adapter`;
}

/** Adds the shell in a frame that fills the element named by the tag, or the window. */
function startShell() {
  const frame = frameOf("/shell/", { name: "patchbay_shell", title: "Patchbay" });
  Object.assign(frame.style, { border: "0", width: "100%", height: "100%" });
  listenTo([frame]);
  const place = () => document.getElementById(option("shell"));
  if (place()) fill(frame, place);
  else fillWindow(frame);
}

function fillWindow(frame) {
  const id = option("shell");
  if (id) warn(`there is no element with the id ${id}, which data-shell names; the shell fills the window.`);
  Object.assign(frame.style, { display: "block", position: "fixed", inset: "0" });
  keep(frame, besideBody);
}

/** Fills the element `place()`; while the page has none, the frame is hidden beside the body. */
function fill(frame, place) {
  keep(frame, () => {
    const found = place();
    frame.style.display = found ? "block" : "none";
    return found ?? besideBody();
  });
  // Turbo announces that it replaces the body; a frame in the old body would reload.
  for (const type of ["turbo:before-render", "turbolinks:before-render"]) {
    document.addEventListener(type, () => besideBody().moveBefore && move(frame, besideBody()));
  }
}

function adapterNames(text, what) {
  const known = words(text).filter((name) => Object.hasOwn(SIZES, name));
  const unknown = words(text).filter((name) => !Object.hasOwn(SIZES, name));
  if (unknown.length) warn(`${what} names ${unknown.join(", ")}; there are: ${Object.keys(SIZES).join(", ")}.`);
  return known;
}

function start() {
  if (script.hasAttribute("data-shell")) {
    startShell();
    return;
  }
  const names = adapterNames(option("adapters", "call chat"), "data-adapters");
  const { made, frames, show } = dock(names, adapterNames(option("open", names.join(" ")), "data-open"));
  shown.show = show;
  shown.frames = frames;
  listenTo(frames);
  keep(made, besideBody);
}

const shown = { show: () => {}, frames: [] };

popRecords();
const api = {
  on,
  send: (type, data) => sendTo(shown.frames, type, data),
  show: (name) => shown.show(name),
  hide: (name) => shown.show(name, false),
};
defineOnce("Patchbay", api, start);
