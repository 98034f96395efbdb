// Show and hide the adapters. By CSS only: a frame that is moved in the page loads anew and drops its call.
const KEY = "patchbay-hidden-panels";

function remembered() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Set(); // in a foreign page storage is forbidden
  }
}

function remember(hidden) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...hidden]));
  } catch {
    // as above: the panels are then as they were made
  }
}

export function togglePanels(buttons) {
  const hidden = remembered();
  const dock = document.getElementById("dock");
  const show = (button) => {
    const id = button.getAttribute("aria-controls");
    button.setAttribute("aria-pressed", String(!hidden.has(id)));
    document.getElementById(id).hidden = hidden.has(id);
    dock.hidden = [...buttons].every((each) => hidden.has(each.getAttribute("aria-controls")));
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      const id = button.getAttribute("aria-controls");
      if (!hidden.delete(id)) hidden.add(id);
      remember(hidden);
      show(button);
    });
    show(button);
  }
}
