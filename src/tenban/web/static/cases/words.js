// What the states, items and steps of cases are called on screens.
import { clockTime, longDate } from "../times.js";
import { _, laneWord } from "../words.js";

export const STATES = {
  open: () => _("Open"),
  sealed: () => _("Sealed"),
};

export const FORMS = {
  original: () => _("Footage as recorded"),
  blurred: () => _("With blurred parts"),
};

const KINDS = {
  incident: () => _("Incident"),
  sale: () => _("Sale"),
  footage: () => _("Footage"),
  note: () => _("Note"),
};

const STEPS = {
  opened: () => _("Case opened"),
  renamed: () => _("Title changed"),
  item_added: () => _("Added: {what}"),
  item_removed: () => _("Taken out: {what}"),
  sealed: () => _("Case sealed"),
  package_ordered: () => _("Package {n} ordered"),
  package_made: () => _("Package {n} made"),
  package_taken: () => _("Package {n} taken along"),
  package_deleted: () => _("Package {n} deleted"),
};

export function kindWord(kind) {
  return KINDS[kind]?.() ?? kind;
}

export function stepWord({ what, detail }) {
  const word = STEPS[what]?.() ?? what;
  return word.replace("{what}", kindWord(detail.kind)).replace("{n}", detail.package);
}

export function moment(at) {
  return `${longDate(at)} ${clockTime(at)}`;
}

/** What an item is, in one line. */
export function itemWord(item) {
  const lane = item.register_name ? laneWord(item.register_name) : null;
  const sale = item.sale ? _("sale {number}", { number: item.sale }) : null;
  return [kindWord(item.kind), lane, sale].filter(Boolean).join(" · ");
}

/** The footage of an item, in one line; empty where it has none. */
export function footageWord(item) {
  if (!item.start_at) return "";
  const cameras = item.cameras.map((one) => one.name).join(", ");
  return `${cameras} · ${moment(item.start_at)}–${clockTime(item.end_at)}`;
}

export function sizeWord(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1e3))} kB`;
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}
