// What the page says about itself: the connection, what went wrong, what a screen reader should hear.

const SHOWN_FOR_MS = 6000;

let timer = null;

/** Show how the connection stands, in texts and elements; a passing word goes by itself. */
export function connection(words, { stays = false } = {}) {
  const bar = document.getElementById("connection");
  const parts = [words].flat();
  const said = parts.map((part) => part.textContent ?? part).join("");
  clearTimeout(timer);
  if (bar.textContent !== said) bar.replaceChildren(...parts); // else what is unfolded there stays so
  bar.hidden = words === "";
  bar.classList.toggle("is-lost", stays);
  if (words && !stays) timer = setTimeout(() => connection(""), SHOWN_FOR_MS);
}

/** Somebody's name for a sentence: whatever it holds, it doesn't turn the sentence around. */
export function named(name) {
  const part = document.createElement("bdi");
  part.textContent = name;
  return part;
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
