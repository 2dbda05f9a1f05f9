// Finding an article by name: kana in either script, romaji, kanji, and what an input method leaves half-typed. Pure.

const ROMAJI = {
  kya: "きゃ",
  kyu: "きゅ",
  kyo: "きょ",
  sha: "しゃ",
  shu: "しゅ",
  sho: "しょ",
  sya: "しゃ",
  syu: "しゅ",
  syo: "しょ",
  cha: "ちゃ",
  chu: "ちゅ",
  cho: "ちょ",
  tya: "ちゃ",
  tyu: "ちゅ",
  tyo: "ちょ",
  nya: "にゃ",
  nyu: "にゅ",
  nyo: "にょ",
  hya: "ひゃ",
  hyu: "ひゅ",
  hyo: "ひょ",
  mya: "みゃ",
  myu: "みゅ",
  myo: "みょ",
  rya: "りゃ",
  ryu: "りゅ",
  ryo: "りょ",
  gya: "ぎゃ",
  gyu: "ぎゅ",
  gyo: "ぎょ",
  ja: "じゃ",
  ju: "じゅ",
  jo: "じょ",
  zya: "じゃ",
  zyu: "じゅ",
  zyo: "じょ",
  bya: "びゃ",
  byu: "びゅ",
  byo: "びょ",
  pya: "ぴゃ",
  pyu: "ぴゅ",
  pyo: "ぴょ",
  shi: "し",
  chi: "ち",
  tsu: "つ",
  fa: "ふぁ",
  fi: "ふぃ",
  fe: "ふぇ",
  fo: "ふぉ",
  fu: "ふ",
  ji: "じ",
  dzu: "づ",
  ka: "か",
  ki: "き",
  ku: "く",
  ke: "け",
  ko: "こ",
  sa: "さ",
  si: "し",
  su: "す",
  se: "せ",
  so: "そ",
  ta: "た",
  ti: "ち",
  tu: "つ",
  te: "て",
  to: "と",
  na: "な",
  ni: "に",
  nu: "ぬ",
  ne: "ね",
  no: "の",
  ha: "は",
  hi: "ひ",
  hu: "ふ",
  he: "へ",
  ho: "ほ",
  ma: "ま",
  mi: "み",
  mu: "む",
  me: "め",
  mo: "も",
  ya: "や",
  yu: "ゆ",
  yo: "よ",
  ra: "ら",
  ri: "り",
  ru: "る",
  re: "れ",
  ro: "ろ",
  wa: "わ",
  wo: "を",
  ga: "が",
  gi: "ぎ",
  gu: "ぐ",
  ge: "げ",
  go: "ご",
  za: "ざ",
  zi: "じ",
  zu: "ず",
  ze: "ぜ",
  zo: "ぞ",
  da: "だ",
  di: "ぢ",
  du: "づ",
  de: "で",
  do: "ど",
  ba: "ば",
  bi: "び",
  bu: "ぶ",
  be: "べ",
  bo: "ぼ",
  pa: "ぱ",
  pi: "ぴ",
  pu: "ぷ",
  pe: "ぺ",
  po: "ぽ",
  va: "ば",
  vi: "び",
  vu: "ぶ",
  ve: "べ",
  vo: "ぼ",
  a: "あ",
  i: "い",
  u: "う",
  e: "え",
  o: "お",
  "-": "ー",
};

/** One form for comparing: NFKC, lower case, katakana as hiragana, no spaces; a half-typed last letter is cut. */
export function folded(text) {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[ァ-ヶ]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0x60))
    .replace(/[\s・,，、。]/g, "");
}

/** Romaji as hiragana; null where it is not (all) romaji. A last consonant that is still being typed is left out. */
export function kanaOf(romaji) {
  const text = romaji.toLowerCase().replace(/\s/g, "");
  if (!/^[a-z\-']+$/.test(text)) return null;
  let kana = "";
  let at = 0;
  while (at < text.length) {
    if (text[at] === text[at + 1] && !"aiueon".includes(text[at])) {
      kana += "っ";
      at += 1;
      continue;
    }
    const length = [3, 2, 1].find((size) => ROMAJI[text.slice(at, at + size)] !== undefined);
    if (length !== undefined) {
      kana += ROMAJI[text.slice(at, at + length)];
      at += length;
    } else if (text[at] === "n" && at === text.length - 1) {
      return kana; // "n" may be on the way to "na"
    } else if (text[at] === "n") {
      kana += "ん";
      at += text[at + 1] === "'" || (text[at + 1] === "n" && !"aiueoy".includes(text[at + 2] ?? "-")) ? 2 : 1;
    } else if (text.length - at <= 2 && /^[a-z]+$/.test(text.slice(at))) {
      return kana; // "banan" on the way to "banana"
    } else {
      return null;
    }
  }
  return kana;
}

/** What of an article is searched, worked out once. */
export function indexed(article) {
  const words = [article.name, article.reading, article.category, article.code].filter(Boolean);
  return {
    article,
    name: folded(article.name),
    reading: folded(article.reading ?? article.name),
    all: words.map(folded).join("\n"),
  };
}

/** Articles that fit, best first: the name or reading begins so, then holds it, then code or category does. */
export function find(index, text, { limit = 60 } = {}) {
  const wanted = folded(text);
  if (!wanted) return index.slice(0, limit).map((one) => one.article);
  const asKana = kanaOf(wanted);
  const composed = wanted.replace(/(?<=[ぁ-ん])[a-z]{1,2}$/, ""); // "ぎゅうn" while an input method is at work
  const forms = [...new Set([wanted, composed, asKana === null ? null : folded(asKana)].filter(Boolean))];
  const ranked = [];
  for (const one of index) {
    const rank = Math.min(...forms.map((form) => rankOf(one, form)));
    if (rank < 9) ranked.push([rank, one]);
  }
  ranked.sort(([a, one], [b, other]) => a - b || (one.reading < other.reading ? -1 : 1));
  return ranked.slice(0, limit).map(([, one]) => one.article);
}

function rankOf(one, form) {
  if (one.name.startsWith(form) || one.reading.startsWith(form)) return 0;
  if (one.name.includes(form) || one.reading.includes(form)) return 1;
  return one.all.includes(form) ? 2 : 9;
}
