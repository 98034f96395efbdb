// The ringtone: two soft tones, made here. Browsers let a page sound only after a click in it, so the agent switches it
// on; and only one tab of the browser rings.
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
    // the next page asks again
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

/** Ring for as long as the signal says; another tab that rings already has the lock. */
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

/** The switch "Ring on offers"; returns a function that takes whether an offer waits. */
export function ringer(button) {
  let on = isWanted();
  let ringing = null;

  function wake() {
    context ??= new AudioContext();
    return context.resume().catch(() => {}); // it sounds after the next click, then
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
