// Times as the shop reads them: its zone, 24 hours; and the server's clock, since a tablet's may be wrong.
import { _, language, page } from "./words.js";

const made = new Map();
let offset_ms = 0;

function written(kind, options) {
  const key = `${kind} ${language()}`;
  if (!made.has(key)) {
    made.set(key, new Intl.DateTimeFormat(language(), { timeZone: page.shop.timezone, ...options }));
  }
  return made.get(key);
}

/** 12:05:57 */
export function clockTime(moment) {
  const options = { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
  return written("time", options).format(new Date(moment));
}

/** 2026年11月22日(日), or Sun 22 Nov 2026 */
export function longDate(moment) {
  const options = {
    year: "numeric",
    month: language() === "ja" ? "numeric" : "short",
    day: "numeric",
    weekday: "short",
  };
  const part = Object.fromEntries(
    written("date", options)
      .formatToParts(new Date(moment))
      .map(({ type, value }) => [type, value]),
  );
  if (language() === "ja") return `${part.year}年${part.month}月${part.day}日(${part.weekday})`;
  return `${part.weekday} ${part.day} ${part.month} ${part.year}`;
}

/** When a day such as 2026-11-22 begins in the shop, plus some milliseconds; in milliseconds since 1970. */
export function dayStart(day, later_ms = 0) {
  const wanted = Date.parse(`${day}T00:00:00Z`) + later_ms;
  const options = { timeZone: page.shop.timezone, hourCycle: "h23", dateStyle: "short", timeStyle: "medium" };
  const there = new Intl.DateTimeFormat("sv", options);
  const behind = (at) => at - Date.parse(`${there.format(new Date(at)).replace(" ", "T")}Z`);
  // Twice: the first guess may fall on the other side of a change of the clocks.
  const guess = wanted + behind(wanted);
  return wanted + behind(guess);
}

/** 8 s, 2 min, 3 h */
export function length(ms) {
  const s = Math.round(ms / 1000);
  if (s < 90) return _("{n} s", { n: s });
  const minutes = Math.round(s / 60);
  if (minutes < 90) return _("{n} min", { n: minutes });
  return _("{n} h", { n: Math.round(minutes / 60) });
}

/** Learn from an answer's Date header how far this machine's clock is off. */
export function learnClock(response, asked_ms) {
  const date = Date.parse(response.headers.get("date") ?? "");
  if (Number.isNaN(date)) return;
  const seen = date + 500 - (asked_ms + Date.now()) / 2;
  // The header has whole seconds: a smaller difference says nothing.
  offset_ms = Math.abs(seen - offset_ms) > 1500 ? seen : offset_ms;
}

/** The server's time in milliseconds since 1970. */
export function now() {
  return Date.now() + offset_ms;
}
