// What the events of the audit log are called on screens, in the order in which they are offered.
import { _ } from "../words.js";

export const SOURCES = {
  "media:": () => _("Looking at pictures"),
  "access:": () => _("People and devices"),
  "pos:": () => _("Registers"),
  "incidents:": () => _("Incidents"),
  "settings:": () => _("Settings"),
  "tries:": () => _("Tries with videos"),
  "keeping:": () => _("Keeping and deleting"),
  "cases:": () => _("Cases"),
  "audit:": () => _("The log itself"),
};

export const EVENTS = {
  "media:picture:viewed": () => _("Looked at a still or clip"),
  "media:live:opened": () => _("Opened a live picture"),
  "media:live:closed": () => _("Closed a live picture"),
  "media:clip:exported": () => _("Exported a clip of footage"),
  "media:footage:viewed": () => _("Looked at footage"),
  "media:sound:heard": () => _("Listened to sound"),
  "media:footage:taken": () => _("Took a clip of footage along"),
  "access:session:opened": () => _("Signed in to Tenban"),
  "access:session:refused": () => _("Sign-in refused"),
  "access:session:closed": () => _("Signed out"),
  "access:person:added": () => _("Added a person"),
  "access:person:changed": () => _("Changed a person's rights"),
  "access:person:disabled": () => _("Disabled a person"),
  "access:person:enabled": () => _("Let a person in again"),
  "access:person:invited": () => _("Made a one-time link"),
  "access:person:joined": () => _("Chose a password by a link"),
  "access:staff-code:changed": () => _("Changed a person's staff code"),
  "access:password:changed": () => _("Changed the own password"),
  "access:pin:changed": () => _("Changed the own PIN"),
  "access:pin:refused": () => _("PIN refused"),
  "access:step-up:passed": () => _("Showed once more who it is"),
  "access:step-up:refused": () => _("Did not show who it is"),
  "access:second-factor:on": () => _("Set up an authenticator app"),
  "access:second-factor:off": () => _("Removed the authenticator app"),
  "access:second-factor:refused": () => _("Code of the app refused"),
  "access:recovery-code:used": () => _("Signed in with a recovery code"),
  "access:passkey:added": () => _("Made a passkey"),
  "access:passkey:renamed": () => _("Renamed a passkey"),
  "access:passkey:removed": () => _("Removed a passkey"),
  "access:passkey:refused": () => _("Passkey refused"),
  "access:identity:linked": () => _("Linked to the company's sign-in"),
  "access:identity:unlinked": () => _("Unlinked from the company's sign-in"),
  "access:identity:refused": () => _("Company's sign-in refused"),
  "access:session:revoked": () => _("Signed out elsewhere"),
  "access:shop:refused": () => _("Asked for another shop's things"),
  "access:token:made": () => _("Made a token"),
  "access:register:paired": () => _("Paired a browser with a register"),
  "access:register:unpaired": () => _("Ended a register's pairing"),
  "pos:approval:given": () => _("Approved at the register"),
  "pos:approval:refused": () => _("Approval refused"),
  "pos:payment:held": () => _("Stopped payment"),
  "pos:payment:released": () => _("Released payment"),
  "pos:receipt:printed": () => _("Printed a receipt"),
  "pos:flag:set": () => _("Set a flag"),
  "pos:flag:changed": () => _("Changed a flag"),
  "pos:flag:removed": () => _("Removed a flag"),
  "incidents:incident:passed-on": () => _("Passed on to supervisors"),
  "incidents:duty:handed-over": () => _("Handed over"),
  "settings:revision:saved": () => _("Changed settings"),
  "settings:revision:put-back": () => _("Put settings back"),
  "settings:revision:hand-edited": () => _("Settings file edited by hand"),
  "settings:camera:tried": () => _("Tried a camera"),
  "settings:camera:asked": () => _("Looked for cameras, or asked one what it offers"),
  "settings:lane:looked-at": () => _("Looked at a lane while drawing zones"),
  "tries:try:made": () => _("Uploaded a video to try"),
  "tries:try:started": () => _("Started a try"),
  "tries:try:viewed": () => _("Looked at a try's video"),
  "tries:try:deleted": () => _("Deleted a try"),
  "keeping:data:destroyed": () => _("Destroyed what was past its period"),
  "keeping:hold:placed": () => _("Held an incident"),
  "keeping:hold:released": () => _("Let a hold go"),
  "media:copy:ordered": () => _("Had a clip copied with people blurred"),
  "keeping:pictures:erased": () => _("Erased an incident's pictures"),
  "keeping:person:exported": () => _("Wrote out a person's data"),
  "keeping:person:erased": () => _("Erased a person's name"),
  "cases:case:opened": () => _("Opened a case"),
  "cases:case:changed": () => _("Changed a case's title"),
  "cases:item:added": () => _("Put something into a case"),
  "cases:item:removed": () => _("Took something out of a case"),
  "cases:case:sealed": () => _("Sealed a case"),
  "cases:case:deleted": () => _("Deleted a case"),
  "cases:package:ordered": () => _("Ordered a package of a case"),
  "cases:package:made": () => _("Made a package of a case"),
  "cases:package:taken": () => _("Took a package of a case along"),
  "cases:package:proven": () => _("Proved a package of a case"),
  "cases:package:deleted": () => _("Deleted a package of a case"),
  "audit:log:exported": () => _("Exported the audit log"),
  "audit:log:proven": () => _("Proved the audit log"),
};

/** What was done, as exactly as the row says. */
export function deedWord({ event, detail }) {
  const picture = typeof detail.blob === "string" ? (detail.blob.endsWith(".mp4") ? "clip" : "still") : detail.picture;
  if (event === "media:picture:viewed" && picture) return picture === "clip" ? _("Played a clip") : _("Looked at a still");
  return EVENTS[event]?.() ?? event;
}

/** Why somebody could look: the right by which they did. */
export function whyWord({ detail }) {
  return (
    {
      "media:view": () => _("as one who handles incidents"),
      "settings:edit": () => _("while setting up"),
      "register:watch": () => _("at the register itself"),
      "register:link": () => _("as a hint at the register itself"),
    }[detail.function]?.() ?? ""
  );
}

/** Who did it: a person's name, a register, or one of Tenban's own processes. */
export function actorWord({ id, name }) {
  if (name) return name;
  const [kind, rest] = [id.slice(0, id.indexOf(":")), id.slice(id.indexOf(":") + 1)];
  if (kind === "register") return _("Register {name}", { name: rest });
  if (kind === "system") return _("Tenban ({name})", { name: rest });
  if (kind === "person") return _("A person who is no longer here");
  return id;
}
