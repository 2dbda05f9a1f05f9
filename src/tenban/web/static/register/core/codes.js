// Article codes as a scanner reads them. The same rules as tenban.pos.codes; GS1 General Specifications.

const IN_STORE = /^(02|2\d)/;
const KINDS = { 8: "ean8", 12: "upca", 13: "ean13", 14: "gtin14" };

/** How a shop lays out its own 13 digits: I item, P price, W weight in grams, C check digit. */
export const DEFAULT_LAYOUTS = ["02IIIIIPPPPPC"];

export class BadCode extends Error {}

/** The digits as read, full-width signs made plain, spaces and hyphens left out. */
export function plainDigits(text) {
  const plain = text.normalize("NFKC").trim();
  const bare = plain.replace(/[\s\-‐−ー]/g, "");
  return /^\d+$/.test(bare) ? bare : plain;
}

export function checkDigit(digits) {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    sum += Number(digits[digits.length - 1 - place]) * (place % 2 === 0 ? 3 : 1);
  }
  return String((10 - (sum % 10)) % 10);
}

export function checks(digits) {
  return digits.length > 1 && checkDigit(digits.slice(0, -1)) === digits.at(-1);
}

/** The UPC-A that eight digits of UPC-E stand for, or null. */
export function expandUpcE(digits) {
  if (digits.length !== 8 || !"01".includes(digits[0])) return null;
  const [system, body, check] = [digits[0], digits.slice(1, 7), digits[7]];
  const last = body[5];
  let middle;
  if ("012".includes(last)) middle = `${body.slice(0, 2)}${last}0000${body.slice(2, 5)}`;
  else if (last === "3") middle = `${body.slice(0, 3)}00000${body.slice(3, 5)}`;
  else if (last === "4") middle = `${body.slice(0, 4)}00000${body[4]}`;
  else middle = `${body.slice(0, 5)}0000${last}`;
  const whole = system + middle + check;
  return checks(whole) ? whole : null;
}

/** What a code says: {text, kind, key, price, weight_g}; throws BadCode where the check digit is wrong. */
export function readCode(text, layouts = DEFAULT_LAYOUTS) {
  const digits = plainDigits(text);
  if (!digits || digits.length > 32) throw new BadCode("expected 1 to 32 signs");
  const said = (kind, key, more = {}) => ({ text: digits, kind, key, price: null, weight_g: null, ...more });
  if (!/^\d+$/.test(digits) || !(digits.length in KINDS)) return said("plain", digits);
  const wide = expandUpcE(digits);
  if (wide !== null && (digits[0] === "0" || !checks(digits))) return said("upce", `0${wide}`);
  if (!checks(digits))
    throw new BadCode(`expected check digit ${checkDigit(digits.slice(0, -1))}, got ${digits.at(-1)}`);
  const kind = KINDS[digits.length];
  if (kind === "ean13" && IN_STORE.test(digits)) return inStore(digits, layouts, said);
  return said(kind, kind === "upca" ? `0${digits}` : digits);
}

function inStore(digits, layouts, said) {
  for (const layout of layouts) {
    const fixed = layout.replace(/[IPWC]+$/, "");
    if (!digits.startsWith(fixed)) continue;
    const at = (letter) => [...layout].map((sign, place) => (sign === letter ? digits[place] : "")).join("");
    const key = fixed + at("I");
    const price = layout.includes("P") ? Number(at("P")) : null;
    const weight_g = layout.includes("W") ? Number(at("W")) : null;
    return said("in_store", key, { price, weight_g });
  }
  return said("in_store", digits);
}
