// The PLU master on this register: the whole once, deltas from then on, and what is kept while the server is away.
import { indexed } from "./core/search.js";
import { ask, Away, Refused } from "./server.js";
import { store } from "./store.js";

const EVERY_MS = 5 * 60_000;

/** Fires `change` when articles changed. */
export class Articles extends EventTarget {
  index = [];
  version = null;
  #byCode = new Map();
  #busy = null;

  async start() {
    this.version = (await store.get("plu")) ?? null;
    await this.#load();
    this.sync();
    setInterval(() => this.sync(), EVERY_MS);
  }

  get(code) {
    return this.#byCode.get(code) ?? null;
  }

  get all() {
    return this.index.map((one) => one.article);
  }

  /** Bring the articles up to date; quietly leaves them as they are while the server is away. */
  sync() {
    this.#busy ??= this.#sync().finally(() => {
      this.#busy = null;
    });
    return this.#busy;
  }

  async #sync() {
    const known = this.version;
    const etag = known === null ? {} : { "If-None-Match": known.etag };
    const since = known === null ? "" : `?since=${known.version}`;
    try {
      const { status, headers, body } = await ask(`/api/v1/plu${since}`, { headers: etag });
      if (status === 304) return;
      await this.#take(body, headers.get("etag"));
    } catch (error) {
      // Policy: a version the server does not know (a database restored) is fetched whole; away means later.
      if (error instanceof Refused && error.status === 400 && known !== null) {
        this.version = null;
        await this.#sync();
      } else if (!(error instanceof Away || error instanceof Refused)) throw error;
    }
  }

  async #take(body, etag) {
    const version = { version: body.version, etag };
    await store.putArticles(body, version);
    await this.#load();
    this.version = version; // only now: who sees a version may look articles up
  }

  async #load() {
    const articles = await store.articles();
    this.#byCode = new Map(articles.map((article) => [article.code, article]));
    this.index = articles.map(indexed);
    this.dispatchEvent(new Event("change"));
  }
}
