// The page's configuration, new ids, and error texts.

/** Returns the page's configuration, a JSON block. */
export function pageConfig() {
  return JSON.parse(document.getElementById("page-config").textContent);
}

/** Returns a new random id; works without crypto.randomUUID too. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Returns the text of a command's error, which is a text or an error object of the server. */
export function errorWords(error) {
  if (typeof error === "string") return error;
  return error?.message ?? "The server refused, without saying why.";
}

/** Returns what is wrong with one field of a command; the text of the whole error if it isn't about that field. */
export function fieldWords(error, name) {
  return error?.fields?.[name] ?? errorWords(error);
}
