// What flags, lines and gaps are called.
import { _, language, page, told } from "../words.js";

export const MARKS = {
  paid: () => _("Paid"),
  changed: () => _("Line taken back"),
  cancelled: () => _("Sale cancelled"),
  voided: () => _("Sale voided"),
  refunded: () => _("Money given back"),
  drawer_opened: () => _("Drawer opened"),
  person: () => _("Flag"),
};

const TYPES = {
  sale_started: () => _("Sale begins"),
  item_registered: () => _("Item"),
  item_voided: () => _("Line taken back"),
  payment_started: () => _("Payment begins"),
  paid: () => _("Paid"),
  sale_cancelled: () => _("Sale cancelled"),
  sale_suspended: () => _("Sale set aside"),
  sale_resumed: () => _("Gone on with"),
  refunded: () => _("Money given back"),
  sale_voided: () => _("Sale voided"),
  drawer_opened: () => _("Drawer opened"),
  assist_requested: () => _("Help asked for"),
  cashier_signed_on: () => _("Cashier signed on"),
  cashier_signed_off: () => _("Cashier signed off"),
  hint_answered: () => _("Hint answered"),
};

export function typeWord(type) {
  return TYPES[type]?.() ?? type;
}

const METHODS = {
  cash: () => _("Cash"),
  card: () => _("Card"),
  ic: () => _("IC card"),
  qr: () => _("Code payment"),
  emoney: () => _("E-money"),
};

export function methodWord(method) {
  return METHODS[method]?.() ?? method;
}

/** Why there is no footage: `cause` as the timeline tells it, `reason` what kept the recorder from it. */
export function gapWord(cause, reason) {
  const words = {
    lost: _("No footage: the camera did not answer."),
    paused: _("No footage: the disk was full."),
    off: _("No footage: nothing was recorded then."),
    not_kept: _("No footage: it is no longer kept, or was not recorded yet."),
  };
  const word = words[cause] ?? _("There is no footage of this moment.");
  return (cause === "lost" || cause === "paused") && reason ? _("No footage: {why}", { why: told(reason.words) }) : word;
}

const made = new Map();

/** ¥1,234 as the shop's currency is written. */
export function money(amount) {
  if (amount === null || amount === undefined) return "";
  const key = language();
  if (!made.has(key)) {
    const format = new Intl.NumberFormat(language(), { style: "currency", currency: page.shop.currency });
    made.set(key, { format, digits: format.resolvedOptions().maximumFractionDigits });
  }
  const { format, digits } = made.get(key);
  return format.format(amount / 10 ** digits);
}
