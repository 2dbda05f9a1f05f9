// What survives a reload and a power cut: events yet to send, articles, and the sale in hand (IndexedDB).
import { page } from "../words.js";

// The two sides of a semi-self register may be two tabs of one browser: each has a store of its own.
const SIDE = new URL(location.href).searchParams.get("side") ?? "whole";
const NAME = `tenban-register-${page.register.id}-${SIDE}`;
const VERSION = 1;

let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const database = request.result;
      database.createObjectStore("events", { autoIncrement: true });
      database.createObjectStore("refused", { autoIncrement: true });
      database.createObjectStore("articles", { keyPath: "code" });
      database.createObjectStore("state");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  return opening;
}

async function run(stores, mode, work) {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(stores, mode, { durability: "strict" });
    let result;
    transaction.oncomplete = () => resolve(result instanceof IDBRequest ? result.result : undefined);
    transaction.onerror = () => reject(transaction.error);
    transaction.onabort = () => reject(transaction.error);
    result = work(...stores.map((name) => transaction.objectStore(name)));
  });
}

export const store = {
  /** Keep events and the state they lead to, both or neither. */
  record(events, state) {
    return run(["events", "state"], "readwrite", (queue, kept) => {
      for (const event of events) queue.add(event);
      kept.put(state, "till");
    });
  },

  /** The first events that wait, in order, as [key, event]. */
  async waiting(most) {
    const found = [];
    await run(["events"], "readonly", (queue) => {
      queue.openCursor().onsuccess = ({ target: { result: cursor } }) => {
        if (cursor === null || found.length >= most) return;
        found.push([cursor.key, cursor.value]);
        cursor.continue();
      };
    });
    return found;
  },

  countWaiting() {
    return run(["events"], "readonly", (queue) => queue.count());
  },

  countRefused() {
    return run(["refused"], "readonly", (refused) => refused.count());
  },

  /** Let go of what the server has, and set aside what it refused, with why. */
  settle(keys, refused) {
    return run(["events", "refused"], "readwrite", (queue, aside) => {
      for (const key of keys) queue.delete(key);
      for (const one of refused) aside.add(one);
    });
  },

  get(name) {
    return run(["state"], "readonly", (kept) => kept.get(name));
  },

  put(name, value) {
    return run(["state"], "readwrite", (kept) => {
      kept.put(value, name);
    });
  },

  articles() {
    return run(["articles"], "readonly", (articles) => articles.getAll());
  },

  /** Bring the articles to a version: the whole (`items`), or what changed and what went. */
  putArticles({ items = null, changed = [], removed = [] }, version) {
    return run(["articles", "state"], "readwrite", (articles, kept) => {
      if (items !== null) articles.clear();
      for (const article of items ?? changed) articles.put(article);
      for (const code of removed) articles.delete(code);
      kept.put(version, "plu");
    });
  },
};
