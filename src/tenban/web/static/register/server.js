// Asking the server as this register. The register's cookie goes along by itself; no script can read it.
import { learnClock } from "../times.js";
import { page } from "../words.js";

const PATIENCE_MS = 8_000;

/** The server cannot be reached; what waits is sent later. */
export class Away extends Error {}

/** The server refused; `code` is stable, the message is the server's own. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

export const own = `/api/v1/registers/${encodeURIComponent(page.register.id)}`;

/** Ask; returns {status, headers, body}. Throws Away or Refused. */
export async function ask(
  path,
  { method = "GET", body, headers = {}, patience_ms = PATIENCE_MS, as = "json" } = {},
) {
  const asked_ms = Date.now();
  let response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        "X-Tenban-Register": page.register.id,
        ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(patience_ms),
      cache: "no-store",
      credentials: "same-origin",
    });
  } catch (error) {
    throw new Away(error.message);
  }
  learnClock(response, asked_ms);
  let told = null;
  try {
    if (response.ok && as === "blob") told = await response.blob();
    else if (response.status !== 204 && response.status !== 304) told = await response.json();
  } catch {
    // Policy: an answer that is no JSON is a proxy's or half of one, and counts as none.
    throw new Away(`HTTP ${response.status}`);
  }
  if (response.ok || response.status === 304)
    return { status: response.status, headers: response.headers, body: told };
  throw new Refused(
    response.status,
    told?.error?.code ?? "error",
    told?.error?.message ?? `HTTP ${response.status}`,
  );
}
