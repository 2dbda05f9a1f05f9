// What roles are called on screens.
import { _ } from "../words.js";

const WORDS = {
  cashier: () => _("Register cashier"),
  attendant: () => _("Attendant"),
  supervisor: () => _("Supervisor"),
  analyst: () => _("Analyst"),
  desk_operator: () => _("Desk operator"),
  installer: () => _("Installer"),
  auditor: () => _("Auditor"),
  administrator: () => _("Administrator"),
};
const HELP = {
  cashier: () => _("signs on at a register"),
  attendant: () => _("watches registers and answers for incidents"),
  supervisor: () => _("also approves, pairs registers and turns rules"),
  analyst: () => _("looks at incidents and footage, changes nothing"),
  desk_operator: () => _("answers for incidents from the monitoring desk"),
  installer: () => _("sets cameras, lanes and rules up"),
  auditor: () => _("reads the audit log and nothing else"),
  administrator: () => _("all of it, and people"),
};

export function roleWord(role) {
  return WORDS[role]?.() ?? role;
}

export function roleHelp(role) {
  return HELP[role]?.() ?? "";
}
