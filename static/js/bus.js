// Checks the adapters' messages and passes them to Python. A classic script, first in <head>, so that no message is lost
// while Python starts. It accepts only messages of our adapters' frames; Python calls only the functions of `window.bus`.
// None of those throws: in MicroPython a JavaScript exception can't be caught and damages the interpreter.
(() => {
  "use strict";
  const LARGEST_BYTES = 65536, DEEPEST = 32, MOST_WAITING = 5000, MOST_REASONS = 50, MOST_REFUSALS = 50;
  const waiting = [], reasons = new Map(), refusals = [];
  const encoder = new TextEncoder(), overhearing = [];
  let sink = null, config = null, handled = 0;

  // The configuration comes after this script in the page, so it is read at its first use.
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

  // Returns the adapter whose frame posted a message, or why there is none. A frame is in the page before it can post.
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

  // Returns [problem] or ["", the message as strict JSON], since MicroPython's own parser is lenient.
  function canonical(data) {
    if (typeof data !== "string") return ["no text"];
    // A UTF-16 unit takes at most three bytes, so short texts needn't be encoded.
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
      console.error(error); // Python reports errors of handlers itself; this one is ours
      refuse("the listeners failed", name);
    }
  }

  addEventListener("message", (event) => {
    try {
      const adapter = adapterOf(event);
      if (typeof adapter === "string") return refuse(adapter, event.origin);
      const [problem, text] = canonical(event.data);
      if (problem) return refuse(problem, adapter.name);
      for (const overhear of overhearing) overhear(text, adapter.name);
      if (sink) return deliver(text, adapter.name);
      if (waiting.length >= MOST_WAITING) return refuse("too many before the listeners were ready", adapter.name);
      waiting.push([text, adapter.name]);
    } catch (error) {
      console.error(error);
      refuse("not understood", String(event.origin));
    }
  });

  // Returns why a URL may not be shown, or an empty text. The text is checked too, since URL corrects invalid input.
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
    // connect(fn) -> "": fn(text, frame name) gets every message, first those that have waited.
    connect: guarded((listener) => {
      if (typeof listener !== "function") return "error: connect takes a function";
      sink = listener;
      for (const [text, name] of waiting.splice(0)) deliver(text, name);
      tell("ready", {});
    }),
    // overhear(fn) -> "": for our own JavaScript; fn(text, frame name) gets a copy of every message, first those that wait.
    overhear: guarded((listener) => {
      if (typeof listener !== "function") return "error: overhear takes a function";
      const overhear = guarded(listener);
      overhearing.push(overhear);
      for (const [text, name] of waiting) overhear(text, name);
    }),
    // pop(url) -> "", or why the record can't be shown.
    pop: guarded((url) => {
      const problem = problemOf(url);
      return problem ? `The address ${problem}.` : tell("pop", { url: new URL(url).href, answer: "" });
    }),
    // restore(url) -> as pop, for a record that popped before this page was loaded; it replaces no other record.
    restore: guarded((url) => {
      const problem = problemOf(url);
      return problem ? `The address ${problem}.` : tell("pop", { url: new URL(url).href, restored: true, answer: "" });
    }),
    // notify(text): show the agent one line.
    notify: guarded((text) => tell("notify", { text: String(text).slice(0, 500) })),
    // log(kind, line, detail): add an entry to the event log; detail is JSON or a traceback.
    log: guarded((kind, line, detail) => tell("log", { kind: String(kind), line: String(line), detail: String(detail) })),
    // refuse(reason, frame name): count a message that Python dropped.
    refuse: guarded((reason, name) => {
      handled -= 1; // it was counted when it was passed on
      refuse(String(reason), String(name));
    }),
    // fetch(method, path, body) -> a promise of the JSON text {"status", "body"} that never rejects. Only for /api/crm/.
    fetch: async (...given) => guarded((method, path, body) => tell("fetch", { method, path, body }))(...given),
    // config() -> JSON text of the page's configuration.
    config: guarded(() => JSON.stringify(page())),
    // report() -> JSON text with handled and refused messages, for "Why?".
    report: guarded(() => JSON.stringify({ handled, reasons: Object.fromEntries(reasons), refusals, waiting: waiting.length })),
  });
})();
