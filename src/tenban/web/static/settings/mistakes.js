// What the checks expected, in the page's language. The server speaks English, for logs and for every client.
import { _ } from "../words.js";

const KNOWN = [
  [/^String should have at least 1 character/, () => _("at least one character")],
  [/^String should have at most (\d+) characters/, (m) => _("at most {n} characters", { n: m[1] })],
  [/^String should match pattern '\^\[a-z0-9\]/, () => _("lower-case letters, digits, - and _")],
  [/^String should match pattern '\^\[A-Z\]/, () => _("three capital letters, such as JPY")],
  [/^an id that is free/, () => _("an id that is free")],
  [/^every \w+ to have its own id/, () => _("an id that is free")],
  [/^an IANA zone/, () => _("a time zone such as Asia/Tokyo")],
  [/^a number from ([\d.]+) to ([\d.]+) ?(\w*)/, (m) => _("a number from {a} to {b}", { a: m[1], b: m[2] })],
  [/^rtsp:\/\/HOST/, () => _("an address such as rtsp://192.168.1.20/stream1")],
  [/^the address without name and password/, () => _("the address without name and password: they go into the fields below")],
  [/^the password again/, () => _("the password again, because the address leads to another device")],
  [/^String should match pattern '\^\[\^/, () => _("a host name or number, such as 192.168.1.10")],
  [/^the secret again/, () => _("the secret again, because the address leads to another provider")],
  [/^(an address with https|String should match pattern '\^https)/, () => _("an address that begins with https://")],
  [/^an administrator who gets in/, () => _("the name of an administrator who gets in without the provider")],
  [/^a user name, since/, () => _("a user name, since there is a password")],
  [/^a shop without/, () => _("a shop without registers, cameras and groups")],
  [/^another shop beside/, () => _("another shop beside this one")],
  [/^a (group|camera|register) that no register uses/, () => _("that no register uses it")],
  [/^less than or equal to (\d+)/, (m) => _("at most {n}", { n: m[1] })],
  [/^greater than or equal to (\d+)/, (m) => _("at least {n}", { n: m[1] })],
  [/^at most (\d+), as long as the incidents/, (m) => _("at most {n}, as long as the records of incidents", { n: m[1] })],
  [/^whom to ask, since/, () => _("an entry, since the notice is published")],
  [/^sides that do not cross/, () => _("sides that do not cross")],
  [/^an area/, () => _("an area")],
  [/^at least three points/, () => _("at least three corners")],
  [/^x and y between 0 and 1/, () => _("corners inside the picture")],
  [/^the id of a /, () => _("one that this shop has")],
  [/^a value/, () => _("a value")],
  [/^(a valid number|a valid integer|a valid boolean)/, () => _("a number")],
];

/** Say a mistake: what was expected, and what came. */
export function sayMistake({ expected, came }) {
  const rule = KNOWN.find(([pattern]) => pattern.test(expected));
  const wanted = rule ? rule[1](rule[0].exec(expected)) : expected;
  const got = came.replace(/^'(.*)'$/, "$1");
  if (!got || got === "nothing") return _("Expected: {wanted}.", { wanted });
  return _("Expected: {wanted}. Got: {got}.", { wanted, got });
}
