// What the server told the page, and the few words that several modules need.

/** The page's configuration: one JSON block. */
export function pageConfig() {
  return JSON.parse(document.getElementById("page-config").textContent);
}

/** A new id for what this page does; also where crypto.randomUUID is missing. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The readable part of an act's error: a text, or our error shape. */
export function errorWords(error) {
  if (typeof error === "string") return error;
  return error?.message ?? "The server refused, without saying why.";
}
