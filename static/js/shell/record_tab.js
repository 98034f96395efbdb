// A tab of the CRM area: its name, and × for the mouse. A tab may contain no control that a screen reader could reach, so
// × is beside it and hidden from them; Delete does the same by keyboard.
import { element } from "./elements.js";

/** Returns {node, tab}: what goes into the list, and the control in it. `onClose` is null for a tab that stays. */
export function makeTab({ id, url, label, onSelect, onClose }) {
  const tab = element("button", { type: "button", role: "tab", id: `${id}-tab`, "aria-controls": id, title: url, dir: "auto" }, label);
  const node = element("span", { class: "shell-tab", role: "presentation" }, tab);
  tab.addEventListener("click", onSelect);
  if (onClose) {
    const close = element("button", { type: "button", class: "shell-tab-close", tabindex: "-1", "aria-hidden": "true", title: "Close (Delete)" }, "×");
    close.addEventListener("click", onClose);
    tab.addEventListener("auxclick", (event) => event.button === 1 && onClose());
    node.append(close);
  }
  return { node, tab };
}

export function labelOf(url) {
  const { host, pathname } = new URL(url);
  try {
    return decodeURIComponent(pathname).split("/").filter(Boolean).slice(-2).join(" ") || host;
  } catch {
    return host; // the path isn't valid percent-encoding
  }
}
