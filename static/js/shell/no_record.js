// What the CRM area says while it shows no record.

/** Returns show(state): null, or {name, words, open} of the session in front; `open()` shows a record that was closed. */
export function emptyArea(area) {
  const [title, words, button] = ["h2", "p", "button"].map((name) => area.querySelector(name));
  const [usualTitle, usualWords] = [title.textContent, words.textContent];
  let open = null;
  button.addEventListener("click", () => open?.());

  return (state) => {
    open = state?.open ?? null;
    title.textContent = state?.title ?? usualTitle;
    words.textContent = state ? state.words : usualWords;
    words.hidden = words.textContent === "";
    button.hidden = open === null;
  };
}
