// A tone and a shake for what is new. Browsers allow sound only after the first touch of the page.
import { prefs } from "./prefs.js";

const GAP_MS = 1_500;
const SHAKE = [180, 90, 180];

// Per kind: [frequency in Hz, after s, length in s, wave]. Told apart in a noisy shop, none of them a siren.
const TONES = {
  chime: [
    [880, 0, 0.34, "sine"],
    [1174.7, 0.16, 0.34, "sine"],
  ],
  bell: [
    [1568, 0, 0.9, "triangle"],
    [2349, 0, 0.5, "sine"],
  ],
  knock: [
    [220, 0, 0.12, "square"],
    [220, 0.2, 0.12, "square"],
    [220, 0.4, 0.12, "square"],
  ],
};

let context = null;
let last_ms = -Infinity;

export const sound = {
  get wanted() {
    return prefs.get("sound");
  },

  /** off: not wanted; waiting: wanted, but nobody has touched the page yet; on. */
  get state() {
    if (!this.wanted) return "off";
    return context?.state === "running" ? "on" : "waiting";
  },

  get canShake() {
    return typeof navigator.vibrate === "function";
  },

  async want(on) {
    prefs.set("sound", on);
    if (on) await unlock();
    document.dispatchEvent(new Event("sound"));
    if (on) play();
  },

  /** Play the chosen tone whether sound is on or not; the touch that asks for it unlocks it. */
  async test() {
    await unlock();
    document.dispatchEvent(new Event("sound"));
    play();
  },

  /** Shake once; returns whether the device said it would. */
  shake() {
    return this.canShake && navigator.vibrate(SHAKE);
  },

  /** Tell of something new; returns whether anything can be heard or felt here. */
  ring() {
    const now_ms = performance.now();
    const audible = this.state === "on";
    const felt = prefs.get("vibrate") && this.canShake && navigator.userActivation?.hasBeenActive;
    if (now_ms - last_ms < GAP_MS) return audible || felt;
    if (!audible && !felt) return false;
    last_ms = now_ms;
    if (felt) this.shake();
    if (audible) play();
    document.dispatchEvent(new CustomEvent("rang"));
    return true;
  },
};

function play() {
  if (context?.state !== "running") return;
  const loud = Math.max((prefs.get("volume") / 100) ** 2 * 0.7, 0.0002);
  for (const [frequency, after_s, length_s, wave] of TONES[prefs.get("tone")] ?? TONES.chime) {
    const from = context.currentTime + after_s;
    const oscillator = context.createOscillator();
    const gain = context.createGain();
    oscillator.type = wave;
    oscillator.frequency.value = frequency;
    gain.gain.setValueAtTime(0.0001, from);
    gain.gain.exponentialRampToValueAtTime(loud, from + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, from + length_s - 0.02);
    oscillator.connect(gain).connect(context.destination);
    oscillator.start(from);
    oscillator.stop(from + length_s);
  }
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
