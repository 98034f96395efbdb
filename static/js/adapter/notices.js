// What the page says about itself: the connection, what went wrong, what a screen reader should hear.

const SHOWN_FOR_MS = 6000;

let timer = null;

/** Show how the connection stands; a passing word goes by itself. */
export function connection(words, { stays = false } = {}) {
  const bar = document.getElementById("connection");
  clearTimeout(timer);
  bar.textContent = words;
  bar.hidden = words === "";
  bar.classList.toggle("is-lost", stays);
  if (words && !stays) timer = setTimeout(() => connection(""), SHOWN_FOR_MS);
}

/** Say what went wrong; stays until the next thing is done or it is closed. */
export function problem(words) {
  document.getElementById("problem-words").textContent = words;
  document.getElementById("problem").hidden = words === "";
}

/** Let a screen reader say something. */
export function announce(words) {
  document.getElementById("announcer").textContent = words;
}
