// How this page writes sizes, times and states.
import { clockTime, longDate } from "../times.js";
import { _, told } from "../words.js";

export function nameOf(one) {
  return told(one.name);
}

export function stateWord(one) {
  const words = {
    checking: one.sample ? _("Making the sample clip") : _("Checking the video"),
    ready: _("Zones to be drawn"),
    waiting: _("Waiting"),
    counting: _("Counting"),
    done: _("Counted"),
    failed: _("Not done"),
  };
  return words[one.state] ?? one.state;
}

export function whenWord(moment) {
  return `${longDate(moment)} ${clockTime(moment).slice(0, 5)}`;
}

/** 1:02.4 */
export function atWord(at_s) {
  const minutes = Math.floor(at_s / 60);
  return `${minutes}:${(at_s - minutes * 60).toFixed(1).padStart(4, "0")}`;
}

export function sizeWord(bytes) {
  if (bytes < 1e5) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}

export function videoWord({ video, size }) {
  if (!video) return "";
  const length = _("{n} s", { n: video.length_s.toFixed(1) });
  return [`${video.width}×${video.height}`, length, size ? sizeWord(size) : null].filter(Boolean).join(" · ");
}
