// The ringtone: two generated tones. Browsers allow sound only after a click in the page, so the agent switches it on.
// Only one tab of the browser rings.
const KEY = "patchbay-ring";
const EVERY_MS = 3000;
const LONGEST_MS = 60_000;
const TONES = [{ hertz: 880, at: 0 }, { hertz: 660, at: 0.25 }];

let context = null;

function isWanted() {
  try {
    return localStorage.getItem(KEY) === "on";
  } catch {
    return false;
  }
}

function want(on) {
  try {
    localStorage.setItem(KEY, on ? "on" : "off");
  } catch {
    // the next page has the default
  }
}

function beep() {
  if (context?.state !== "running") return;
  for (const { hertz, at } of TONES) {
    const [tone, volume] = [context.createOscillator(), context.createGain()];
    const start = context.currentTime + at;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, start);
    volume.gain.linearRampToValueAtTime(0.15, start + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, start + 0.22);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.25);
  }
}

/** Rings until the signal aborts, unless another tab rings and has the lock. */
function ring(signal) {
  const sound = () => new Promise((done) => {
    beep();
    const again = setInterval(beep, EVERY_MS);
    const stop = () => {
      clearInterval(again);
      done();
    };
    signal.addEventListener("abort", stop);
    setTimeout(stop, LONGEST_MS);
  });
  const locks = navigator.locks;
  if (!locks) return sound();
  return locks.request("patchbay-ring", { ifAvailable: true }, (lock) => (lock ? sound() : undefined));
}

/** Sets up the switch "Ring on offers"; returns a function to call with whether an offer waits. */
export function ringer(button) {
  let on = isWanted();
  let ringing = null;

  function wake() {
    context ??= new AudioContext();
    return context.resume().catch(() => {}); // otherwise it sounds after the next click
  }

  const show = () => button.setAttribute("aria-pressed", String(on));
  button.addEventListener("click", async () => {
    on = !on;
    want(on);
    show();
    if (!on) return ringing?.abort();
    await wake();
    return beep();
  });
  addEventListener("pointerdown", () => on && context?.state !== "running" && wake());
  addEventListener("keydown", () => on && context?.state !== "running" && wake());
  show();

  return (isOffered) => {
    if (isOffered && on && !ringing) {
      ringing = new AbortController();
      Promise.resolve(ring(ringing.signal)).catch(() => {});
    } else if (!isOffered) {
      ringing?.abort();
      ringing = null;
    }
  };
}
