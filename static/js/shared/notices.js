// Notices of the page: state of the connection, problems, texts for screen readers.

const SHOWN_FOR_MS = 6000;

let timer = null;

/** Shows the state of the connection, in texts and elements; it disappears after some seconds unless it `stays`. */
export function connection(words, { stays = false } = {}) {
  const bar = document.getElementById("connection");
  const parts = [words].flat();
  const said = parts.map((part) => part.textContent ?? part).join("");
  clearTimeout(timer);
  if (bar.textContent !== said) bar.replaceChildren(...parts); // unchanged text stays, so that open details stay open
  bar.hidden = words === "";
  bar.classList.toggle("is-lost", stays);
  if (words && !stays) timer = setTimeout(() => connection(""), SHOWN_FOR_MS);
}

/** Returns an isolated element with a name, which can't change the direction of the sentence around it. */
export function named(name) {
  const part = document.createElement("bdi");
  part.textContent = name;
  return part;
}

/** Shows a problem until the next command, or until it is closed. */
export function problem(words) {
  document.getElementById("problem-words").textContent = words;
  document.getElementById("problem").hidden = words === "";
}

/** Makes screen readers say something. */
export function announce(words) {
  document.getElementById("announcer").textContent = words;
}
