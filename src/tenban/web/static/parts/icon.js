// Icons that carry meaning together with a word; drawn on 24 × 24.
const DRAWN = {
  unconfirmed: '<circle class="solid" cx="12" cy="12" r="8"/>',
  confirmed: '<circle cx="12" cy="12" r="8"/><circle class="solid" cx="12" cy="12" r="3.4"/>',
  pending: '<circle cx="12" cy="12" r="9"/><path d="M9.5 8.5v7M14.5 8.5v7"/>',
  resolved: '<circle cx="12" cy="12" r="9"/><path d="m8 12.4 2.8 2.8L16 9.6"/>',
  withdrawn: '<circle cx="12" cy="12" r="9"/><path d="M6 18 18 6"/>',
  true: '<path d="m4.5 12.8 5 5L19.5 7"/>',
  false_alarm: '<path d="M6 6l12 12M18 6 6 18"/>',
  unclear:
    '<path d="M8.5 9a3.6 3.6 0 1 1 5.4 3.1c-1.2.7-1.9 1.3-1.9 2.6"/><circle class="solid" cx="12" cy="18.6" r="1.4"/>',
  mine: '<circle cx="12" cy="8" r="4"/><path d="M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6"/>',
  play: '<path class="solid" d="M7 4.500v15l12.5-7.500z"/>',
  pause: '<path class="solid" d="M6.5 5h4v14h-4zM13.5 5h4v14h-4z"/>',
  back: '<path class="solid" d="M18 5.500v13L9.5 12z"/><path d="M6.5 6v12"/>',
  forth: '<path class="solid" d="M6 5.500v13l8.5-6.500z"/><path d="M17.5 6v12"/>',
  replay: '<path d="M5 12a7 7 0 1 0 2.3-5.2"/><path d="M4.5 4v4.200h4.2"/>',
  close: '<path d="M6 6l12 12M18 6 6 18"/>',
  sound:
    '<path d="M4.5 9.500v5h3.500l4.5 4v-13l-4.5 4z"/><path d="M16 9a4.2 4.2 0 0 1 0 6M18.6 6.400a8 8 0 0 1 0 11.2"/>',
  silent: '<path d="M4.5 9.500v5h3.500l4.5 4v-13l-4.5 4z"/><path d="m16 9.5 5 5M21 9.500l-5 5"/>',
  watched:
    '<path d="M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.500S2.5 12 2.5 12z"/><circle class="solid" cx="12" cy="12" r="2.6"/>',
  unwatched:
    '<path d="M2.5 12s3.5-6.5 9.5-6.5 9.5 6.5 9.5 6.5-3.5 6.5-9.5 6.500S2.5 12 2.5 12z"/><path d="M4 20 20 4"/>',
  camera: '<path d="M3 7.500h11v9H3zM14 10.500l6.5-3.500v10L14 13.5"/><path d="M4 20.5 20 3.5"/>',
  till: '<path d="M5 20v-8h14v8zM8 12V5h8v7"/><path d="M3.5 21.5 20.5 3"/>',
  clock: '<circle cx="12" cy="12" r="8.5"/><path d="M12 7v5.200l3.4 2.2"/>',
  lost: '<path d="M12 4 2.8 20h18.400z"/><path d="M12 10v4.5"/><circle class="solid" cx="12" cy="17.3" r="1.1"/>',
  live: '<circle class="solid" cx="12" cy="12" r="3.2"/><path d="M7 7a7 7 0 0 0 0 10M17 7a7 7 0 0 1 0 10"/>',
  catching: '<path d="M12 3.500v12M7 11l5 5 5-5M5 20.500h14"/>',
  menu: '<path d="M4 7h16M4 12h16M4 17h16"/>',
  settings:
    '<path d="M4 7h9M17 7h3M4 17h3M11 17h9"/><circle cx="15" cy="7" r="2.2"/><circle cx="9" cy="17" r="2.2"/>',
  passed: '<path d="M12 20V7M6.5 11.5 12 6l5.5 5.5"/><path d="M5 3.500h14"/>',
  handover: '<path d="M4 8h13M13 4l4 4-4 4M20 16H7M11 12l-4 4 4 4"/>',
  picture: '<path d="M3 7.500h11v9H3zM14 10.500l6.5-3.500v10L14 13.5"/>',
  till_back: '<path d="M19.5 12h-15M10.5 5.500 4 12l6.5 6.5"/>',
  payment: '<rect x="3" y="6" width="18" height="12.500" rx="2"/><path d="M3 10.500h18M6.5 15h4"/>',
  full: '<path d="M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5"/>',
  wall: '<path d="M3.500 4.500h7.500v6.500h-7.500zM13 4.500h7.500v6.500H13zM3.500 13h7.500v6.500h-7.500zM13 13h7.500v6.500H13z"/>',
  footage: '<rect x="3" y="5" width="18" height="11" rx="1.5"/><path d="M3 20h18"/><circle class="solid" cx="9" cy="20" r="2"/>',
  more: '<circle class="solid" cx="5" cy="12" r="2"/><circle class="solid" cx="12" cy="12" r="2"/><circle class="solid" cx="19" cy="12" r="2"/>',
};

/** Return an icon; it is silent to screen readers, since a word stands beside it. */
export function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">${DRAWN[name]}</svg>`;
  return holder.content.firstElementChild;
}
