// The token that shows the server that one of its own pages asks; read anew each time, since signing in again
// in another tab changes it.
export const TOKEN_FIELD = "csrf";

/** The token of the session's pages; empty where nobody is signed in. */
export function pageToken() {
  return document.cookie.match(/(?:^|; )(?:__Host-)?tenban_csrf=([^;]*)/)?.[1] ?? "";
}

/** The headers of a request that may change something. */
export function tokenFor(method) {
  const token = method === "GET" ? "" : pageToken();
  return token ? { "X-Tenban-CSRF": token } : {};
}
