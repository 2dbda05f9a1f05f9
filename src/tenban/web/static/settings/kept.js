// How much of a camera's footage is kept: in days and gigabytes, and what that means at the present rate.
import { h, say } from "../dom.js";
import { _, sentences } from "../words.js";
import { makeField, openForm } from "./form.js";

const GB = 1e9;

export function size(bytes) {
  if (bytes >= 1000 * GB) return `${(bytes / GB / 1000).toFixed(2)} TB`;
  return bytes >= GB ? `${(bytes / GB).toFixed(bytes >= 100 * GB ? 0 : 1)} GB` : `${Math.round(bytes / 1e6)} MB`;
}

function days(n) {
  return n === 1 ? _("1 day") : _("{n} days", { n });
}

/** How long so many bytes last at the present rate. */
function lasts(bytes, a_day) {
  const n = bytes / a_day;
  return n < 2 ? _("about {n} hours", { n: Math.max(1, Math.round(n * 24)) }) : _("about {n} days", { n: Math.floor(n) });
}

function number(text) {
  const plain = text.normalize("NFKC").replaceAll(",", "").trim();
  const found = Number(plain);
  return plain && Number.isFinite(found) && found > 0 ? found : null;
}

/** What holds now, in lines: {text, attention}. */
export function keptLines({ kept_days, keep_days, max_gb, bytes, bytes_a_day, free_bytes }) {
  const period = keep_days ?? kept_days;
  const lines = [
    { text: keep_days ? _("It is kept for {days}; the shop keeps footage for {shop}.", { days: days(keep_days), shop: days(kept_days) }) : _("It is kept for {days}, as the shop keeps footage.", { days: days(period) }) },
    { text: max_gb ? _("Of more than {n} GB the oldest goes first.", { n: max_gb }) : _("There is no limit to its size.") },
  ];
  if (bytes_a_day) {
    const need = period * bytes_a_day;
    lines.push({ text: _("At the present rate a day takes {day}, and {days} take {all}.", { day: size(bytes_a_day), days: days(period), all: size(need) }) });
    if (max_gb && max_gb * GB < need) lines.push({ text: _("So the limit in GB holds: {n} GB are {length}.", { n: max_gb, length: lasts(max_gb * GB, bytes_a_day) }) });
    const most = max_gb ? Math.min(need, max_gb * GB) : need;
    if (most - bytes > free_bytes)
      lines.push({ text: _("The disk has {free} left, which does not hold that: the oldest footage of all cameras will go sooner.", { free: size(free_bytes) }), attention: true });
  }
  if (max_gb && bytes > max_gb * GB * 1.05) lines.push({ text: _("It has {size} now: what is beyond the limit is held, or goes within half a minute.", { size: size(bytes) }), attention: true });
  return lines;
}

/** The form for it; what it would mean stands below the fields while one types. */
export function editKept(shop, camera, kept) {
  const { kept_days, keep_days, max_gb, bytes_a_day } = kept;
  const fields = [
    makeField({
      name: "keep_days",
      label: _("Keep footage for so many days"),
      value: keep_days ?? "",
      inputmode: "numeric",
      placeholder: String(kept_days),
      help: _("Empty: as long as the shop keeps footage, {days}. It can only be shorter.", { days: days(kept_days) }),
    }),
    makeField({
      name: "max_gb",
      label: _("At most so many GB"),
      value: max_gb ?? "",
      inputmode: "decimal",
      help: _("Empty: no limit. What is over goes, oldest first; what is held stays."),
    }),
  ];
  const means = h("p", { class: "means figures", role: "status" });
  fields.push({ name: "means", value: undefined, element: means, trouble() {} });

  function paint() {
    const [period, most] = [number(fields[0].value) ?? kept_days, number(fields[1].value)];
    if (!bytes_a_day) return say(means, _("How much a day takes is known once it has recorded for some minutes."));
    const need = period * bytes_a_day;
    const whole = _("{days} take about {all} at the present rate.", { days: days(period), all: size(need) });
    const limit = most === null ? "" : most * GB < need ? _("{n} GB are reached first: {length}.", { n: most, length: lasts(most * GB, bytes_a_day) }) : _("{n} GB are enough for it.", { n: most });
    const shorter = period < (keep_days ?? kept_days) || (most !== null && most < (max_gb ?? Infinity));
    const gone = shorter ? _("What is over is destroyed soon after saving; undoing brings back the setting, not the footage.") : "";
    return say(means, sentences(whole, limit, gone));
  }

  for (const { input } of fields.slice(0, 2)) input.addEventListener("input", paint);
  paint();
  return openForm({
    title: _("How much of {camera} is kept", { camera: camera.name }),
    fields,
    change: ({ keep_days: wanted, max_gb: most }) => ({ kind: "kept", shop: shop.id, camera: camera.id, keep_days: wanted || null, max_gb: most || null }),
  });
}
