// Money in minor units, and the cash a machine takes in and pays out. Pure.

/** Notes and coins of a currency, largest first; another currency's cash is not handled by this register. */
export const CASH = { JPY: [10_000, 5_000, 1_000, 500, 100, 50, 10, 5, 1] };
const NOTES_FROM = { JPY: 1_000 };
const DECIMALS = { JPY: 0, KRW: 0 };

/** ¥1,234: yen has no decimals. */
export function money(amount, currency = "JPY", language = "ja") {
  const decimals = DECIMALS[currency] ?? 2;
  if (currency === "JPY") return `${amount < 0 ? "−" : ""}¥${Math.abs(amount).toLocaleString("en")}`;
  return (amount / 10 ** decimals).toLocaleString(language, { style: "currency", currency });
}

export function isNote(value, currency = "JPY") {
  return value >= NOTES_FROM[currency];
}

/** What lies in the machine's hand: a count by value, as {1000: 2, 100: 1}. */
export function sumOf(pieces) {
  return Object.entries(pieces).reduce((sum, [value, count]) => sum + Number(value) * count, 0);
}

export function withPiece(pieces, value) {
  return { ...pieces, [value]: (pieces[value] ?? 0) + 1 };
}

/** Pay out an amount in the fewest notes and coins, as [{value, count}], largest first. */
export function payOut(amount, currency = "JPY") {
  if (!Number.isSafeInteger(amount) || amount < 0)
    throw new RangeError(`expected an amount from 0, got ${amount}`);
  let left = amount;
  const out = [];
  for (const value of CASH[currency]) {
    const count = Math.floor(left / value);
    if (count > 0) out.push({ value, count });
    left -= count * value;
  }
  return out;
}

/** Amounts somebody may hand over for what is due: exactly, or in the next round notes. */
export function likelyTenders(due, currency = "JPY") {
  const rounded = CASH[currency]
    .filter((value) => isNote(value, currency))
    .map((value) => Math.ceil(due / value) * value);
  return [...new Set([due, ...rounded])].sort((a, b) => a - b).slice(0, 4);
}
