// A chime and a shake for what is new. Browsers allow sound only after the first touch of the page.
const GAP_MS = 1_500;
const KEY = "tenban-sound";

let context = null;
let last_ms = 0;

export const sound = {
  get wanted() {
    return localStorage.getItem(KEY) === "on";
  },

  /** off: not wanted; waiting: wanted, but nobody has touched the page yet; on. */
  get state() {
    if (!this.wanted) return "off";
    return context?.state === "running" ? "on" : "waiting";
  },

  async want(on) {
    localStorage.setItem(KEY, on ? "on" : "off");
    if (on) await unlock();
    document.dispatchEvent(new Event("sound"));
    if (on) this.ring();
  },

  ring() {
    const now_ms = performance.now();
    if (!this.wanted || now_ms - last_ms < GAP_MS) return;
    last_ms = now_ms;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([180, 90, 180]);
    if (context?.state !== "running") return;
    tone(880, 0);
    tone(1174.7, 0.16);
  },
};

function tone(frequency, after_s) {
  const from = context.currentTime + after_s;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, from);
  gain.gain.exponentialRampToValueAtTime(0.35, from + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, from + 0.32);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + 0.34);
}

async function unlock() {
  context ??= new AudioContext();
  await context.resume();
}

document.addEventListener(
  "pointerdown",
  async () => {
    if (!sound.wanted || context?.state === "running") return;
    await unlock();
    document.dispatchEvent(new Event("sound"));
  },
  { capture: true },
);
