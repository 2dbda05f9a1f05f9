// How this person wants this tablet: kept on the device, per person, so that a colleague's stay theirs.
import { page } from "./words.js";

const KEY = `tenban-prefs:${page.me.id}`;
export const TONES = ["chime", "bell", "knock"];
export const SIZES = ["normal", "large", "largest"];

const FALLBACK = {
  sound: false,
  tone: "chime",
  volume: 70,
  vibrate: true,
  autoplay: false,
  size: "normal",
  span: "30m",
};

function read() {
  try {
    return { ...FALLBACK, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return { ...FALLBACK }; // Policy: what cannot be read any more is as if it had never been set.
  }
}

let kept = read();

export const prefs = {
  get(name) {
    return kept[name];
  },

  set(name, value) {
    kept = { ...kept, [name]: value };
    localStorage.setItem(KEY, JSON.stringify(kept));
    document.dispatchEvent(new CustomEvent("prefs", { detail: name }));
  },
};

// Another tab of the same person changed something.
addEventListener("storage", ({ key }) => {
  if (key !== KEY) return;
  kept = read();
  document.dispatchEvent(new CustomEvent("prefs", { detail: null }));
});
