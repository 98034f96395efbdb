// The adapters' panels: show, hide, drag, dock at either side, resize. Only by CSS: a frame that is moved in the page
// reloads and drops its call.
import { onDrag, step } from "./dragging.js";
import { fit, remember, remembered, rememberedShare, shared } from "./places.js";

const EDGE_PX = 72; // a panel is docked when it is dragged so near to a side
const FLOATING_HEIGHT = 600;
const SIZES = ["x", "y", "width", "height"];

export function showPanels(dock, buttons, overlay) {
  const panels = [...dock.querySelectorAll(".shell-panel")].map((node) => ({ node, place: remembered(node.id) }));
  const layout = { share: rememberedShare() };

  function draw({ node, place }) {
    fit(place);
    node.hidden = place.hidden;
    node.dataset.dock = place.dock;
    for (const size of SIZES) {
      if (place[size] === undefined) node.style.removeProperty(`--${size}`);
      else node.style.setProperty(`--${size}`, `${place[size]}px`);
    }
    const beside = panels.filter((each) => !each.place.hidden && each.place.dock === place.dock);
    node.toggleAttribute("data-alone", beside.length < 2);
    const where = place.dock === "float" ? "floating" : `docked ${place.dock}`;
    node.querySelector(".shell-move").setAttribute("aria-description", `${where}; arrow keys move it, Home and End dock it`);
  }

  function drawAll() {
    panels.forEach(draw);
    document.body.style.setProperty("--upper", `${layout.share}fr`);
    document.body.style.setProperty("--lower", `${1 - layout.share}fr`);
    for (const button of buttons) {
      const { place } = panels.find(({ node }) => node.id === button.getAttribute("aria-controls"));
      button.setAttribute("aria-pressed", String(!place.hidden));
    }
  }

  function changed() {
    drawAll();
    remember(Object.fromEntries(panels.map(({ node, place }) => [node.id, place])), layout.share);
    document.dispatchEvent(new CustomEvent("patchbay:panels"));
  }

  function undock({ node, place }) {
    if (place.dock === "float") return;
    const { left, top, width, height } = node.getBoundingClientRect();
    Object.assign(place, { dock: "float", x: left, y: top, width, height: Math.min(height, FLOATING_HEIGHT) });
  }

  function makeMovable(panel) {
    const handle = panel.node.querySelector(".shell-move");
    let before;
    let from;
    const sideOf = (x) => (x < EDGE_PX ? "left" : x > innerWidth - EDGE_PX ? "right" : "");
    onDrag(handle, overlay, {
      start() {
        before = { ...panel.place };
        undock(panel);
        from = { ...panel.place };
      },
      move({ dx, dy, x }) {
        Object.assign(panel.place, { x: from.x + dx, y: from.y + dy });
        overlay.dataset.side = panel.side = sideOf(x);
        drawAll();
      },
      end() {
        if (panel.side) panel.place.dock = panel.side;
        changed();
      },
      cancel() {
        panel.place = before;
        changed();
      },
    });
    handle.addEventListener("keydown", (event) => {
      const { place } = panel;
      const by = step(event);
      const side = { Home: "left", End: "right" }[event.key];
      if (!by && !side) return;
      event.preventDefault();
      if (side) {
        place.dock = side;
      } else if (place.dock !== "float") {
        undock(panel);
        place.x += place.x > innerWidth / 2 ? -EDGE_PX : EDGE_PX;
      } else if (place.x === 0 && by.dx < 0) {
        place.dock = "left";
      } else if (place.x >= innerWidth - place.width && by.dx > 0) {
        place.dock = "right";
      } else {
        Object.assign(place, { x: place.x + by.dx, y: place.y + by.dy });
      }
      changed();
    });
  }

  function makeResizable(panel) {
    const handle = panel.node.querySelector(".shell-resize");
    let before;
    let size;
    const measure = () => {
      before = { places: panels.map(({ place }) => ({ ...place })), share: layout.share };
      size = panel.node.getBoundingClientRect();
    };
    const grow = ({ dx, dy }) => {
      const { place } = panel;
      const width = Math.round(size.width + (place.dock === "right" ? -dx : dx));
      if (place.dock === "float") {
        Object.assign(place, { width, height: Math.round(size.height + dy) });
      } else {
        for (const each of panels) if (each.place.dock === place.dock) each.place.width = width;
        layout.share = shared(before.share + dy / innerHeight);
      }
    };
    onDrag(handle, overlay, {
      start: measure,
      move(by) {
        grow(by);
        drawAll();
      },
      end: changed,
      cancel() {
        panels.forEach((each, index) => { each.place = before.places[index]; });
        layout.share = before.share;
        changed();
      },
    });
    handle.addEventListener("keydown", (event) => {
      const by = step(event);
      if (!by) return;
      event.preventDefault();
      measure();
      grow(by);
      changed();
    });
  }

  for (const panel of panels) {
    makeMovable(panel);
    makeResizable(panel);
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const { place } = panels.find(({ node }) => node.id === button.getAttribute("aria-controls"));
      place.hidden = !place.hidden;
      changed();
    });
  }
  addEventListener("resize", drawAll);
  drawAll();
}
