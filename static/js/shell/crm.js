// Sends the listeners' CRM requests to our server (`bus.fetch`).

const LARGEST = 524288; // characters of an answer; MicroPython may not have memory for more
const METHODS = ["GET", "POST", "PATCH"];

const failed = (message, retryable) => ({ status: 0, body: { error: "unreachable", message, status: 0, retryable } });

async function ask(csrf, method, path, body) {
  const url = new URL(path, location.origin);
  if (!METHODS.includes(method)) return failed(`found the method ${method}; allowed: ${METHODS.join(", ")}`, false);
  if (url.origin !== location.origin || !url.pathname.startsWith("/api/crm/")) return failed("only /api/crm/ may be asked", false);
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRF-Token": csrf };
  const answer = await fetch(url, { method, headers, body: method === "GET" ? undefined : body, redirect: "error" });
  const text = await answer.text();
  if (text.length > LARGEST) return failed("the answer is too long", false);
  return { status: answer.status, body: JSON.parse(text) };
}

export function serveCrm(csrf) {
  document.addEventListener("patchbay:fetch", ({ detail }) => {
    const asked = (async () => ask(csrf, String(detail.method), String(detail.path), String(detail.body)))();
    detail.answer = asked.catch(() => failed("the server can't be reached, or gave no JSON", true)).then(JSON.stringify);
  });
}
