// Says that a record has changed while the agent may have typed something into its page, and offers to load it anew.
import { element } from "./elements.js";

export function offerReload(panel, reload) {
  panel.querySelector(".shell-stale")?.remove();
  const [again, keep] = ["Reload", "Keep as it is"].map((words) => element("button", { type: "button", class: "button button-small" }, words));
  const words = element("span", {}, "This record belongs to another account now. What you typed here isn't saved yet.");
  const bar = element("div", { class: "shell-stale", role: "status" }, words, again, keep);
  again.addEventListener("click", () => {
    bar.remove();
    reload();
  });
  keep.addEventListener("click", () => bar.remove());
  panel.prepend(bar);
}
