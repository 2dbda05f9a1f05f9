// What the states, items and steps of cases are called on screens.
import { Refused } from "../api.js";
import { clockTime, longDate } from "../times.js";
import { _, laneWord, told } from "../words.js";

export const STATES = {
  open: () => _("In preparation"),
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
  return [kindWord(item.kind), told(item.title), lane, sale].filter(Boolean).join(" · ");
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

/** Do something, and say in the page's language what people can put right where it is refused. */
export async function inWords(act, { missing = null } = {}) {
  try {
    return await act();
  } catch (error) {
    const [field] = error.message.split(":");
    const wrong = {
      title: _("Enter a title of 1 to 200 characters."),
      text: _("Enter a note of 1 to 4,000 characters."),
      reason: _("Enter a reason of 1 to 500 characters."),
      purpose: _("Enter why it is given away, in 1 to 500 characters."),
      footage: _("Choose at least one camera, and a time of at most four hours."),
      to: _("Choose a time that has passed."),
      end_at: _("The end has to come after the beginning."),
      "start_at, end_at": _("Enter both times."),
    };
    const cameras = error.code === "bad_input" && /cameras/.test(error.message) ? wrong.footage : null;
    const known =
      error.code === "bad_input" ? (wrong[field] ?? cameras) : error.code === "conflict" ? _("It is in the case already, or the case was changed meanwhile.") : null;
    if (!known && error.status !== 404) throw error;
    throw new Refused(error.status, "told", known ?? missing ?? _("There is no such thing in this shop."), error.more);
  }
}
