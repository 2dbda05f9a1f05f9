// Keeps the page of a register working while the server is away: its own page and static files, and nothing else.
const SHELL = "tenban-register-v1";
const PATIENCE_MS = 3_000;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// The page says which files it is made of; those of an older version go.
self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep, event.data.page));
});

async function keep(urls, page) {
  const cache = await caches.open(SHELL);
  const have = new Set((await cache.keys()).map((request) => new URL(request.url).pathname));
  await cache.addAll(urls.filter((url) => !have.has(url)));
  await keepPage(cache, page);
  const wanted = new Set(urls);
  for (const path of have) {
    if (path.startsWith("/static/") && !wanted.has(path)) await cache.delete(path);
  }
}

async function keepPage(cache, page) {
  const answer = await fetch(page, { cache: "no-store", credentials: "same-origin" });
  if (answer.ok) await cache.put(new URL(page, location.href).pathname, answer);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  if (url.pathname.startsWith("/static/")) event.respondWith(fileOf(event.request));
  else if (event.request.mode === "navigate" && url.pathname.startsWith("/register/")) {
    event.respondWith(pageOf(event.request, url.pathname));
  }
});

async function fileOf(request) {
  const cache = await caches.open(SHELL);
  return (await cache.match(request)) ?? fetch(request);
}

async function pageOf(request, path) {
  const cache = await caches.open(SHELL);
  try {
    const answer = await fetch(request, { signal: AbortSignal.timeout(PATIENCE_MS) });
    // A proxy's "bad gateway" is the server being away, too.
    if (answer.status < 502) return answer;
  } catch {
    // Policy: no answer in time means the kept page.
  }
  return (await cache.match(path)) ?? Response.error();
}
