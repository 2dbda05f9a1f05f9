// What a browser calls itself, in two words.
import { _ } from "../words.js";

const BROWSERS = [
  [/Edg\//, "Edge"],
  [/OPR\//, "Opera"],
  [/Firefox\//, "Firefox"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS = [
  [/Android/, "Android"],
  [/iPad/, "iPad"],
  [/iPhone/, "iPhone"],
  [/CrOS/, "ChromeOS"],
  [/Windows/, "Windows"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
];

export function deviceWord(device) {
  const name = (of) => of.find(([pattern]) => pattern.test(device ?? ""))?.[1];
  const words = [name(BROWSERS), name(SYSTEMS)].filter(Boolean);
  return words.length ? words.join(" · ") : _("A browser");
}
