// What the page says, in ja and en; switching happens in place, without a reload.
const data = JSON.parse(document.getElementById("page-data").textContent);
const YEAR_S = 365 * 24 * 3600;

let current = data.language;

export const page = data;

export function language() {
  return current;
}

/** Return the text of a message in the page's language; `{name}` is replaced from `values`. */
export function _(message, values = {}) {
  const said = data.words[current]?.[message] ?? message;
  return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/** Return what the server says in both languages, in the page's. */
export function told(text) {
  if (text === null || text === undefined) return "";
  if (typeof text === "string") return text;
  return text[current] ?? text.en ?? text.ja ?? "";
}

/** Sentences one after the other: Japanese ones have no space between them. */
export function sentences(...parts) {
  return parts.filter(Boolean).join(current === "ja" ? "" : " ");
}

/** What a register is called on screens: a bare number gets its word, a name stays as the shop gave it. */
export function laneWord(name) {
  return /^\d+$/.test(name) ? _("Lane {n}", { n: name }) : name;
}

export function speak(code) {
  current = code;
  document.documentElement.lang = code;
  keep("tenban_lang", code);
  const url = new URL(location.href);
  if (url.searchParams.has("lang")) {
    url.searchParams.delete("lang");
    history.replaceState(null, "", url);
  }
  document.dispatchEvent(new Event("language"));
}

/** Keep a setting where the server sees it too, so that the next page starts with it. */
export function keep(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${YEAR_S}; samesite=lax`;
}
