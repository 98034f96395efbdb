// What the CRM area says while it shows no record.

/**
 * Returns show(state): null, or {title, words, open} about the session in front; `open()`, if it is given,
 * shows a record that the agent closed.
 */
export function emptyArea(area) {
  const [title, words, button] = ["h2", "p", "button"].map((name) => area.querySelector(name));
  const [usualTitle, usualWords] = [title.textContent, words.textContent];
  let open = null;
  let told = "";
  button.addEventListener("click", () => open?.());

  return (state) => {
    open = state?.open ?? null;
    button.hidden = open === null;
    if (JSON.stringify(state) === told) return; // so that screen readers hear it once
    told = JSON.stringify(state);
    title.textContent = state?.title ?? usualTitle; // one text: screen readers put a blank between elements
    words.textContent = state ? state.words : usualWords;
    words.hidden = words.textContent === "";
  };
}
