// The register's icons: a word always stands beside them, or a label for who cannot see them.
const DRAWN = {
  search: '<circle cx="10.5" cy="10.5" r="6"/><path d="m15.2 15.2 5.3 5.3"/>',
  keypad:
    '<path d="M5 5h3v3H5zM10.5 5h3v3h-3zM16 5h3v3h-3zM5 10.500h3v3H5zM10.5 10.500h3v3h-3zM16 10.500h3v3h-3zM5 16h3v3H5zM10.5 16h3v3h-3zM16 16h3v3h-3z"/>',
  lens: '<path d="M4 8V4.500h3.500M20 8V4.500h-3.500M4 16v3.500h3.500M20 16v3.500h-3.500M7.500 9v6M10.500 9v6M13.500 9v6M16.500 9v6"/>',
  play: '<path d="M7.500 5v14l11.500-7z"/>',
  pause: '<path d="M8.500 5v14M15.500 5v14"/>',
  close: '<path d="M6 6l12 12M18 6 6 18"/>',
  bin: '<path d="M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13h9l1-13M10.300 10.500v6M13.700 10.500v6"/>',
  back: '<path d="M19.500 12h-15M10.500 5.500 4 12l6.500 6.500"/>',
  cash: '<rect x="3" y="6.500" width="18" height="11" rx="1.500"/><circle cx="12" cy="12" r="2.700"/><path d="M6 9.500v5M18 9.500v5"/>',
  card: '<rect x="3" y="5.500" width="18" height="13" rx="2"/><path d="M3 9.800h18M6.500 15h4"/>',
  tap: '<rect x="4" y="4" width="9" height="16" rx="1.500"/><path d="M16 8.500a5 5 0 0 1 0 7M18.500 6a8.600 8.600 0 0 1 0 12"/>',
  qr: '<path d="M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2.500v2.500H14zM17.500 17.500H20V20h-2.500zM14 20h.1M20 14h.1"/>',
  printer:
    '<path d="M7 9V4h10v5M7 17H4.500v-6.500c0-1 .7-1.500 1.500-1.500h12c.8 0 1.500.500 1.500 1.500V17H17M7 14h10v6H7z"/>',
  staff:
    '<path d="M12 4.500a5.500 5.500 0 0 1 5.500 5.500c0 5 2 6 2 6.500H4.500c0-.500 2-1.500 2-6.500A5.500 5.500 0 0 1 12 4.500zM10 19.500a2 2 0 0 0 4 0M12 2.500v2"/>',
  menu: '<path d="M4 7h16M4 12h16M4 17h16"/>',
  check: '<path d="m4.500 12.500 5 5 10-11"/>',
  scan: '<path d="M4 8V4.500h3.500M20 8V4.500h-3.500M4 16v3.500h3.500M20 16v3.500h-3.500M7.500 9v6M10.500 9v6M13.500 9v6M16.500 9v6"/>',
  undo: '<path d="M5 9h9a5 5 0 0 1 0 10H9M9 4.500 4.500 9 9 13.500"/>',
  drawer: '<path d="M4 8h16v11H4zM4 13h16M10 16h4M7 8V4.500h10V8"/>',
  person:
    '<circle cx="12" cy="8" r="3.800"/><path d="M4.500 20c.700-4.500 3.500-6.500 7.500-6.500s6.800 2 7.500 6.500"/>',
};

export function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${DRAWN[name]}</svg>`;
  return holder.content.firstElementChild;
}
