// Short tones: a code was read, something needs a look. Browsers allow sound only after the first touch or key.
let context = null;

function tone(frequency, after_s, length_s, level = 0.25) {
  if (context?.state !== "running") return;
  const from = context.currentTime + after_s;
  const oscillator = context.createOscillator();
  const gain = context.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0.0001, from);
  gain.gain.exponentialRampToValueAtTime(level, from + 0.01);
  gain.gain.exponentialRampToValueAtTime(0.0001, from + length_s);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(from);
  oscillator.stop(from + length_s + 0.02);
}

export const sounds = {
  read: () => tone(1760, 0, 0.09),
  unread: () => tone(220, 0, 0.3),
  hint() {
    tone(784, 0, 0.3);
    tone(988, 0.2, 0.4);
  },
  thanks() {
    tone(988, 0, 0.18, 0.18);
    tone(1319, 0.14, 0.3, 0.18);
  },
};

async function unlock() {
  context ??= new AudioContext();
  await context.resume();
}

for (const touch of ["pointerdown", "keydown"])
  document.addEventListener(touch, unlock, { capture: true, once: true });
