// Asking the server, and saying in plain words what went wrong.
import { learnClock } from "./times.js";
import { tokenFor } from "./token.js";
import { _, page } from "./words.js";

const PATIENCE_MS = 10_000;
// A register's own screen asks as the register; its cookie goes along by itself.
export const asWhom = page.as_register ? { "X-Tenban-Register": page.as_register } : {};

export class Refused extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.more = more;
  }
}

/** Ask the API; throws Refused with a sentence for people. */
export async function ask(path, { method = "GET", body, patience_ms = PATIENCE_MS, again = true } = {}) {
  try {
    const response = await answered(path, { method, body, patience_ms });
    return response.status === 204 ? null : response.json();
  } catch (error) {
    if (error.code !== "step_up" || !again) throw error;
    const { prove } = await import("./step-up.js");
    if (!(await prove(`${method} ${path}`))) throw error;
    return ask(path, { method, body, patience_ms, again: false });
  }
}

/** Ask for a picture, as long as `signal` wants it: {blob, taken_at}. */
export async function shown(path, signal) {
  const response = await answered(path, { signal });
  return { blob: await response.blob(), taken_at: response.headers.get("x-captured-at") };
}

/** Say why a picture or clip was not shown: the error's code, or null where it would be shown now. */
export async function whyNot(path) {
  try {
    // Not from its beginning: that would be written down as a second look.
    const response = await fetch(path, { headers: { ...asWhom, Range: "bytes=1-1" }, cache: "no-store" });
    return response.ok || response.status === 416 ? null : (await refusal(response)).code;
  } catch {
    return "unreachable"; // Policy: told as any failure to load.
  }
}

// Older browsers let what is no longer wanted run to its end.
function wanted(signal, patience_ms) {
  const patience = AbortSignal.timeout(patience_ms);
  return signal && AbortSignal.any ? AbortSignal.any([signal, patience]) : patience;
}

async function answered(path, { method = "GET", body, signal, patience_ms = PATIENCE_MS } = {}) {
  const asked_ms = Date.now();
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: { ...asWhom, ...tokenFor(method), ...(body === undefined ? {} : { "Content-Type": "application/json" }) },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: wanted(signal, patience_ms),
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "TimeoutError") throw new Refused(0, "timeout", _("The server does not answer."));
    throw new Refused(0, "unreachable", _("The server cannot be reached."));
  }
  learnClock(response, asked_ms);
  if (response.ok) return response;
  throw await refusal(response);
}

async function refusal(response) {
  let error = {};
  try {
    error = (await response.json()).error ?? {};
  } catch {
    // Policy: an answer that is no JSON (a proxy's page) is told by its status alone.
  }
  const code = error.code ?? "error";
  const byCode = {
    step_up: _("Not done: it asks for your PIN, passkey or password."),
    wrong_pin: _("This is not the PIN."),
    wrong_passkey: _("This passkey does not fit. Try another way."),
    no_passkeys_here: _("Browsers have no passkeys at this address."),
    wrong_password: _("This is not your present password."),
    pin_locked: _("This PIN is locked after five wrong tries. Use your password, which unlocks it."),
  };
  const known = {
    401: _("You have been signed out. Please sign in again."),
    403: _("Your role does not allow this."),
    404: _("It is no longer there."),
    429: _("Too many requests came from here. Please wait a moment and try again."),
    503: _("The server is starting or overloaded."),
  };
  const stale = code === "csrf" ? _("This page is out of date. Please reload it.") : null;
  return new Refused(
    response.status,
    code,
    stale ?? byCode[code] ?? known[response.status] ?? error.message ?? `HTTP ${response.status}`,
    error,
  );
}
