// Fragmented MP4 made in the page, for browsers that take no bare pictures (ISO/IEC 14496-12, 14496-15).

const TICKS_PER_S = 90_000;
const SYNC = 0x02000000;
const NOT_SYNC = 0x01010000;
const MATRIX = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].flatMap((one) => u32(one));

function u16(value) {
  return [(value >>> 8) & 255, value & 255];
}

function u32(value) {
  return [(value >>> 24) & 255, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function u64(value) {
  return [...u32(Math.floor(value / 2 ** 32)), ...u32(value % 2 ** 32)];
}

function zeros(count) {
  return new Array(count).fill(0);
}

function box(kind, ...parts) {
  const inside = parts.flat();
  return [...u32(8 + inside.length), ...[...kind].map((sign) => sign.charCodeAt(0)), ...inside];
}

function full(kind, flags, ...parts) {
  return box(kind, u32(flags), ...parts);
}

/** What stands before the first picture: how all of them are coded. */
export function head({ format, width, height, description }) {
  const [kind, record] = format === "h265" ? ["hvc1", "hvcC"] : ["avc1", "avcC"];
  const entry = box(
    kind,
    [...zeros(6), ...u16(1), ...zeros(16), ...u16(width), ...u16(height)],
    [...u32(0x480000), ...u32(0x480000), ...zeros(4), ...u16(1), ...zeros(32), ...u16(24), 255, 255],
    box(record, [...description]),
  );
  const tables = ["stts", "stsc", "stco"].map((kind) => full(kind, 0, zeros(4)));
  const stbl = box("stbl", full("stsd", 0, u32(1), entry), ...tables, full("stsz", 0, zeros(8)));
  const dinf = box("dinf", full("dref", 0, u32(1), full("url ", 1)));
  const minf = box("minf", full("vmhd", 1, zeros(8)), dinf, stbl);
  const hdlr = full("hdlr", 0, zeros(4), [...'vide'].map((sign) => sign.charCodeAt(0)), zeros(13));
  const mdhd = full("mdhd", 0, zeros(8), u32(TICKS_PER_S), zeros(4), u16(0x55c4), zeros(2));
  const tkhd = full("tkhd", 3, zeros(8), u32(1), zeros(8), zeros(16), MATRIX, u32(width << 16), u32(height << 16));
  const mvhd = full(
    "mvhd",
    0,
    [...zeros(8), ...u32(TICKS_PER_S), ...zeros(4), ...u32(0x10000), ...u16(0x100), ...zeros(10)],
    [...MATRIX, ...zeros(24), ...u32(2)],
  );
  const mvex = box("mvex", full("trex", 0, u32(1), u32(1), zeros(12)));
  return new Uint8Array([
    ...box("ftyp", [...'iso6'].map((sign) => sign.charCodeAt(0)), u32(1), [...'iso6mp41'].map((sign) => sign.charCodeAt(0))),
    ...box("moov", mvhd, box("trak", tkhd, box("mdia", mdhd, hdlr, minf)), mvex),
  ]);
}

/** One picture: when it is decoded and how long it is shown, in ticks of 1/90000 s from the beginning. */
export function fragment({ is_keyframe, offset, data }, number, decode_ticks, length_ticks) {
  const run = [...u32(length_ticks), ...u32(data.length), ...u32(is_keyframe ? SYNC : NOT_SYNC), ...u32(offset)];
  const made = (data_offset) =>
    box(
      "moof",
      full("mfhd", 0, u32(number)),
      box(
        "traf",
        full("tfhd", 0x020000, u32(1)),
        full("tfdt", 0x01000000, u64(decode_ticks)),
        full("trun", 0x01000f01, u32(1), u32(data_offset), run),
      ),
    );
  const moof = made(made(0).length + 8);
  const whole = new Uint8Array(moof.length + 8 + data.length);
  whole.set(moof);
  whole.set([...u32(8 + data.length), ...[...'mdat'].map((sign) => sign.charCodeAt(0))], moof.length);
  whole.set(data, moof.length + 8);
  return whole;
}
