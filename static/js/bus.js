// The airlock between the page and Python: a classic script, first in <head>, so that no message is lost while
// Python boots. It lets through what one of our adapter frames posted, and `window.bus` is all that Python may call.
// None of its functions throws: in MicroPython an exception of JavaScript can't be caught and harms the interpreter.
(() => {
  "use strict";
  const LARGEST_BYTES = 65536, DEEPEST = 32, MOST_WAITING = 5000, MOST_REASONS = 50, MOST_REFUSALS = 50;
  const waiting = [], reasons = new Map(), refusals = [];
  const encoder = new TextEncoder();
  let sink = null, overhears = null, config = null, handled = 0;

  // The configuration stands in the page after this script, so it is read when it is first needed.
  const page = () => (config ??= JSON.parse(document.getElementById("page-config").textContent));
  const originOf = (adapter) => adapter.origin ?? location.origin;

  const guarded = (work) => (...given) => {
    try {
      return work(...given) ?? "";
    } catch (error) {
      console.error(error);
      return `error: ${error?.message ?? error}`;
    }
  };

  const tell = (name, detail) => {
    document.dispatchEvent(new CustomEvent(`patchbay:${name}`, { detail }));
    return detail.answer;
  };

  function refuse(reason, from) {
    const known = reasons.has(reason) || reasons.size < MOST_REASONS ? reason : "other reasons";
    const count = (reasons.get(known) ?? 0) + 1;
    reasons.set(known, count);
    refusals.push({ reason, from, at: new Date().toISOString() });
    if (refusals.length > MOST_REFUSALS) refusals.shift();
    tell("refused", { reason: known, from, count });
  }

  const isDeeper = (value, levels) =>
    value !== null && typeof value === "object" && (levels === 0 || Object.values(value).some((one) => isDeeper(one, levels - 1)));

  // Which of our adapters posted this? A frame must stand in the page before it can post, so this needn't wait.
  function adapterOf(event) {
    const adapters = page().adapters;
    if (!adapters.some((adapter) => originOf(adapter) === event.origin)) return "an origin that is not an adapter's";
    const adapter = adapters.find(({ name }) => {
      const frame = document.querySelector(`iframe[name="${CSS.escape(name)}"]`);
      return frame !== null && event.source !== null && frame.contentWindow === event.source;
    });
    if (!adapter) return "a window that is not an adapter's frame";
    return originOf(adapter) === event.origin ? adapter : "an adapter's frame that shows another origin";
  }

  // The message as strict JSON with plain characters; MicroPython's own reader is lenient.
  function canonical(data) {
    if (typeof data !== "string") return ["no text"];
    // A character takes at most three bytes: short texts needn't be counted.
    if (data.length > LARGEST_BYTES / 3 && encoder.encode(data).length > LARGEST_BYTES) return ["too long"];
    let value;
    try {
      value = JSON.parse(data);
    } catch {
      return ["not JSON"];
    }
    return isDeeper(value, DEEPEST) ? ["nested too deep"] : ["", JSON.stringify(value)];
  }

  function deliver(text, name) {
    handled += 1;
    try {
      sink(text, name);
    } catch (error) {
      console.error(error); // Python reports what handlers raise; what comes here is a fault of ours
      refuse("the listeners failed", name);
    }
  }

  addEventListener("message", (event) => {
    try {
      const adapter = adapterOf(event);
      if (typeof adapter === "string") return refuse(adapter, event.origin);
      const [problem, text] = canonical(event.data);
      if (problem) return refuse(problem, adapter.name);
      overhears?.(text, adapter.name);
      if (sink) return deliver(text, adapter.name);
      if (waiting.length >= MOST_WAITING) return refuse("too many before the listeners were ready", adapter.name);
      waiting.push([text, adapter.name]);
    } catch (error) {
      console.error(error);
      refuse("not understood", String(event.origin));
    }
  });

  // Why a URL may not be shown, or nothing. The text is looked at too: URL would mend what it is given.
  function problemOf(url) {
    if (typeof url !== "string" || !/^https?:\/\/[^\s\\\u0000-\u0020\u007f/]+[^\s\\\u0000-\u001f\u007f]*$/i.test(url)) {
      return "is no absolute http or https address";
    }
    if (!URL.canParse(url)) return "cannot be read";
    const parsed = new URL(url);
    if (parsed.username || parsed.password) return "names a user";
    const port = parsed.port || (parsed.protocol === "https:" ? "443" : "80");
    const hosts = page().page_hosts.map((host) => host.toLowerCase());
    if (hosts.includes(parsed.host) || hosts.includes(`${parsed.hostname}:${port}`)) return "";
    return `leads to ${parsed.host}, which is no page host of the CRM (crm.page_hosts)`;
  }

  window.bus = Object.freeze({
    // connect(fn) -> "": from now on fn(text, frame name) gets every message, those that waited first.
    connect: guarded((listener) => {
      if (typeof listener !== "function") return "error: connect takes a function";
      sink = listener;
      for (const [text, name] of waiting.splice(0)) deliver(text, name);
      tell("ready", {});
    }),
    // overhear(fn) -> "": for our own JavaScript; fn(text, frame name) gets a copy of every message, those that wait first.
    overhear: guarded((listener) => {
      if (typeof listener !== "function") return "error: overhear takes a function";
      overhears = guarded(listener);
      for (const [text, name] of waiting) overhears(text, name);
    }),
    // pop(url) -> "", or why the record can't be shown.
    pop: guarded((url) => {
      const problem = problemOf(url);
      return problem ? `The address ${problem}.` : tell("pop", { url: new URL(url).href, answer: "" });
    }),
    // restore(url) -> as pop, for a record that was shown before this page was loaded: it takes nothing's place.
    restore: guarded((url) => {
      const problem = problemOf(url);
      return problem ? `The address ${problem}.` : tell("pop", { url: new URL(url).href, restored: true, answer: "" });
    }),
    // notify(text): tell the agent; at most one line.
    notify: guarded((text) => tell("notify", { text: String(text).slice(0, 500) })),
    // log(kind, line, detail): one entry of the event log; detail is JSON or a traceback.
    log: guarded((kind, line, detail) => tell("log", { kind: String(kind), line: String(line), detail: String(detail) })),
    // refuse(reason, frame name): count a message that Python dropped.
    refuse: guarded((reason, name) => {
      handled -= 1; // it was handed over, and was nothing to handle
      refuse(String(reason), String(name));
    }),
    // fetch(method, path, body) -> a promise of JSON text {"status", "body"}; it is never rejected. Only for /api/crm/.
    fetch: async (...given) => guarded((method, path, body) => tell("fetch", { method, path, body }))(...given),
    // config() -> JSON text of what the page was given.
    config: guarded(() => JSON.stringify(page())),
    // report() -> JSON text of what was handled and refused, for "Why?".
    report: guarded(() => JSON.stringify({ handled, reasons: Object.fromEntries(reasons), refusals, waiting: waiting.length })),
  });
})();
