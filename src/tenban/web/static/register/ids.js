// UUID version 7 (RFC 9562, section 5.7): they sort by time. Not crypto.randomUUID, which plain HTTP does not offer.

export function newId(ms = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let left = ms;
  for (let at = 5; at >= 0; at -= 1) {
    bytes[at] = left % 256;
    left = Math.floor(left / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * A sale's number: the shop's date and time, which staff can read out and find again; and a count after it where
 * that would not be greater than the `last` one (two sales in a second, a clock set back).
 */
export function saleNumber(moment, timeZone, last = "") {
  const number = plainNumber(moment, timeZone);
  if (number > last) return number;
  const [, base, count] = /^(\d{8}-\d{6})(?:-(\d+))?$/.exec(last) ?? [null, number, "1"];
  return `${base}-${String(Number(count ?? 1) + 1).padStart(3, "0")}`;
}

function plainNumber(moment, timeZone) {
  const parts = Object.fromEntries(
    new Intl.DateTimeFormat("en-CA", {
      timeZone,
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
      hourCycle: "h23",
    })
      .formatToParts(moment)
      .map(({ type, value }) => [type, value]),
  );
  return `${parts.year}${parts.month}${parts.day}-${parts.hour}${parts.minute}${parts.second}`;
}
