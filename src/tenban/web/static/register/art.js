// Small pictures of articles, drawn from their name and category: a shop without photographs still shows something.
// Shapes are ours; the colour follows from the code, so that one article always looks the same.

const BY_WORD = [
  ["apple", /りんご|林檎|apple/i],
  ["banana", /バナナ|banana/i],
  ["citrus", /みかん|レモン|オレンジ|citrus|orange|lemon/i],
  ["tomato", /トマト|tomato/i],
  ["onigiri", /おにぎり|rice ball|onigiri/i],
  ["onion", /玉ねぎ|たまねぎ|じゃがいも|onion|potato/i],
  ["leek", /ねぎ|ネギ|ほうれん草|小松菜|leek|spinach|greens/i],
  ["carrot", /にんじん|人参|大根|carrot|radish/i],
  ["leaf", /キャベツ|レタス|白菜|野菜|cabbage|lettuce|vegetable/i],
  ["fish", /鮭|さば|まぐろ|刺身|魚|鮮魚|salmon|fish|tuna/i],
  ["meat", /肉|ハム|ソーセージ|豚|鶏|牛(?!乳)|meat|pork|beef|chicken|ham/i],
  ["egg", /たまご|卵|玉子|egg/i],
  ["bread", /パン|食パン|クロワッサン|bread|bakery/i],
  ["carton", /牛乳|ミルク|豆乳|milk/i],
  ["can", /缶|コーヒー|ビール|can|coffee|beer/i],
  ["bottle", /茶|水|ジュース|ワイン|酒|醤油|油|飲料|tea|water|drink|juice|wine|sake|oil|bottle/i],
  ["cup", /カップ|ヨーグルト|プリン|アイス|cup|noodle|yogh?urt|ice/i],
  ["bag", /レジ袋|買い物袋|carrier|bag$/i],
  ["pouch", /チップス|菓子|米|冷凍|crisp|chips|snack|rice|frozen/i],
  ["bar", /チョコ|ガム|飴|chocolate|candy|gum/i],
];

const DRAWN = {
  apple: () =>
    '<path d="M32 20c-4-5-16-6-19 6-3 13 7 28 14 28 2 0 3-1 5-1s3 1 5 1c7 0 17-15 14-28-3-12-15-11-19-6z" fill="#d33c3a"/><path d="M32 20c0-5 2-9 6-11" stroke="#6b4a2f" stroke-width="3" fill="none"/><path d="M37 13c4-4 9-4 12-2-2 4-7 6-12 2z" fill="#7fae4e"/><ellipse cx="22" cy="30" rx="3.500" ry="5" fill="#ea8480"/>',
  banana: () =>
    '<path d="M14 14c2 20 14 34 36 36 2-3 1-5-1-6C33 42 24 32 21 12c-2-2-6-1-7 2z" fill="#f2c53d"/><path d="M21 14c3 8 12 20 27 26 3 2 5 1 5-2C41 34 30 26 25 11c-2-1-4 1-4 3z" fill="#e0ad22"/>',
  citrus: () =>
    '<circle cx="32" cy="34" r="19" fill="#f29a2e"/><path d="M32 15c3-4 8-6 13-4-2 5-8 7-13 4z" fill="#5c8a3a"/><circle cx="26" cy="29" r="4" fill="#f7b962"/>',
  tomato: () =>
    '<ellipse cx="32" cy="36" rx="21" ry="18" fill="#d8432f"/><path d="M32 20l-9-3 6 6-3 7 6-5 6 5-3-7 6-6z" fill="#4f8a3d"/><ellipse cx="24" cy="31" rx="4" ry="3" fill="#e8786a"/>',
  leek: () =>
    '<path d="M28 54c-3 0-3-6-3-18C25 24 17 15 15 10c8 2 14 8 15 14 0-6 0-11 2-15 3 4 3 9 3 15 2-6 7-11 14-13-2 5-9 13-9 25s0 18-3 18z" fill="#5f9a45"/><path d="M26 38h13l-1 13c0 4-11 4-12 0z" fill="#eef3e4"/>',
  carrot: () =>
    '<path d="M24 22c6-6 14-6 17 1 2 6-18 33-21 33-4 0-2-27 4-34z" fill="#ee8434"/><path d="M34 20c-2-6 0-11 2-13 2 3 3 7 2 11 3-5 7-7 11-7-1 5-5 9-11 11z" fill="#5f9a45"/>',
  onion: () =>
    `<path d="M32 10c1 6 4 9 10 12 9 5 11 15 7 23-4 7-11 9-17 9s-13-2-17-9c-4-8-2-18 7-23 6-3 9-6 10-12z" fill="#d29a55"/><path d="M32 24c-8 6-9 18-5 27M32 24c8 6 9 18 5 27" stroke="#fff" stroke-opacity=".45" stroke-width="2" fill="none"/>`,
  leaf: () =>
    '<circle cx="32" cy="34" r="20" fill="#7fb05a"/><path d="M32 14c-9 6-12 14-11 22 3-5 8-8 11-8s8 3 11 8c1-8-2-16-11-22z" fill="#9cc878"/><path d="M32 22v30M32 38l-9-6M32 38l9-6M32 46l-10-4M32 46l10-4" stroke="#dcebc9" stroke-width="2" fill="none"/>',
  fish: (a) =>
    `<path d="M8 34c8-13 26-16 38-3l10-8v22l-10-8C34 50 16 47 8 34z" fill="${a}"/><circle cx="19" cy="31" r="2.500" fill="#fff"/><path d="M27 24c4 6 4 14 0 20" stroke="#fff" stroke-opacity=".6" stroke-width="2" fill="none"/>`,
  meat: () =>
    '<rect x="7" y="17" width="50" height="32" rx="6" fill="#e9edf1"/><path d="M14 24c8-5 17 2 24-1 7-2 14 1 13 9-1 9-10 11-18 10-9-1-20 3-22-6-1-6 0-10 3-12z" fill="#cf5f63"/><path d="M19 29c6-2 12 3 18 1 5-2 9-1 9 2M20 36c7-1 14 2 22-1" stroke="#f3c1bf" stroke-width="2.500" fill="none"/>',
  egg: () =>
    '<rect x="8" y="32" width="48" height="20" rx="5" fill="#c9b79c"/><ellipse cx="20" cy="30" rx="8" ry="10" fill="#f6e7d3"/><ellipse cx="44" cy="30" rx="8" ry="10" fill="#f6e7d3"/><ellipse cx="32" cy="28" rx="8" ry="10" fill="#fbf1e4"/><path d="M8 37h48" stroke="#b09c7e" stroke-width="2"/>',
  onigiri: () =>
    '<path d="M32 10c4 0 24 32 22 38-1 5-43 5-44 0-2-6 18-38 22-38z" fill="#f5f5f0" stroke="#d5d5cc" stroke-width="1.500"/><path d="M23 38h18v15H23z" fill="#2d3a33"/>',
  bread: () =>
    '<path d="M12 26c-6-2-5-13 6-13h28c11 0 12 11 6 13v24c0 2-2 3-4 3H16c-2 0-4-1-4-3z" fill="#c98b4a"/><path d="M17 28c-4-2-3-10 4-10h22c7 0 8 8 4 10v19H17z" fill="#f3d9a9"/>',
  carton: (a) =>
    `<path d="M18 24l6-11h16l6 11v29H18z" fill="#fbfbf8" stroke="#cfd4da" stroke-width="1.500"/><path d="M18 24h28v11c-9 5-19-4-28 2z" fill="${a}"/><path d="M24 13h16" stroke="#9aa3ad" stroke-width="3"/>`,
  can: (a, b) =>
    `<rect x="19" y="11" width="26" height="43" rx="5" fill="${a}"/><path d="M19 16h26M19 49h26" stroke="#dfe3e8" stroke-width="4"/><rect x="19" y="25" width="26" height="14" fill="${b}"/>`,
  bottle: (a, b) =>
    `<path d="M27 8h10v8c0 4 6 6 6 13v22c0 2-2 4-4 4H25c-2 0-4-2-4-4V29c0-7 6-9 6-13z" fill="${a}"/><rect x="26" y="6" width="12" height="6" rx="2" fill="#e6e9ed"/><rect x="21" y="31" width="22" height="13" fill="${b}"/>`,
  cup: (a, b) =>
    `<path d="M14 18h36l-5 34c0 2-2 3-4 3H23c-2 0-4-1-4-3z" fill="${a}"/><rect x="12" y="13" width="40" height="7" rx="3" fill="#eef0f2"/><path d="M17 29h30l-2 12H19z" fill="${b}"/>`,
  bag: (a) =>
    `<path d="M14 24h36l3 29H11z" fill="${a}"/><path d="M23 30V20c0-11 18-11 18 0v10" stroke="#69727d" stroke-width="3" fill="none"/>`,
  pouch: (a, b) =>
    `<path d="M15 12h34l-2 5c3 11 3 21 0 31l2 5H15l2-5c-3-10-3-20 0-31z" fill="${a}"/><ellipse cx="32" cy="33" rx="11" ry="9" fill="${b}"/><path d="M15 14h34M15 51h34" stroke="#fff" stroke-opacity=".5" stroke-width="2" stroke-dasharray="2 2"/>`,
  bar: (a, b) =>
    `<rect x="7" y="23" width="50" height="20" rx="3" fill="${a}"/><path d="M7 23l5 4-5 4 5 4-5 4 5 4M57 23l-5 4 5 4-5 4 5 4-5 4" fill="none" stroke="#fff" stroke-opacity=".6" stroke-width="1.500"/><rect x="19" y="28" width="26" height="10" rx="2" fill="${b}"/>`,
  box: (a, b) =>
    `<path d="M12 20l20-9 20 9v25l-20 9-20-9z" fill="${a}"/><path d="M12 20l20 9 20-9M32 29v25" stroke="#fff" stroke-opacity=".5" stroke-width="2" fill="none"/><path d="M17 30l10 4.500v9L17 39z" fill="${b}"/>`,
};

const SCANNER =
  '<svg class="scanner" viewBox="0 0 240 172" aria-hidden="true" focusable="false"><path class="stand" d="M96 160h48l8 8H88z"/><rect class="glass" x="24" y="116" width="192" height="44" rx="10"/><rect class="window" x="72" y="126" width="96" height="24" rx="4"/><path class="beam" d="M76 126 96 74h48l20 52z"/><rect class="pack" x="82" y="6" width="76" height="74" rx="8"/><rect class="label" x="82" y="6" width="76" height="22" rx="8"/><path class="bars" d="M97 40v26M103 40v26M110 40v26M115 40v26M122 40v26M129 40v26M135 40v26M142 40v26"/></svg>';

/** An item held up to a scanner. */
export function scannerDrawing() {
  const holder = document.createElement("template");
  holder.innerHTML = SCANNER;
  return holder.content.firstElementChild;
}

/** The name of the shape for an article. */
export function shapeOf({ name = "", category = "" }) {
  for (const text of [name ?? "", category ?? ""]) {
    const found = BY_WORD.find(([, words]) => words.test(text));
    if (found) return found[0];
  }
  return "box";
}

/** A picture of an article; silent to screen readers, since the name stands beside it. */
export function picture(article) {
  const seed = [...String(article.code ?? article.plu ?? article.name)].reduce(
    (sum, s) => (sum * 31 + s.charCodeAt(0)) % 9973,
    7,
  );
  const hue = /茶|tea/i.test(article.name ?? "") ? 110 : seed % 360;
  const holder = document.createElement("template");
  const inside = DRAWN[shapeOf(article)](`hsl(${hue} 46% 52%)`, `hsl(${(hue + 45) % 360} 55% 86%)`);
  holder.innerHTML = `<svg class="art" viewBox="0 0 64 64" aria-hidden="true" focusable="false">${inside}</svg>`;
  return holder.content.firstElementChild;
}
