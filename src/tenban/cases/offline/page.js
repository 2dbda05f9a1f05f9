"use strict";
// The page of a package. It reads what stands within itself; of the disk it only shows pictures and videos.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const zone = data.case.shop.timezone;
  const WORDS = {
    "Package {n}": "パッケージ{n}",
    "Footage as recorded": "録画のまま",
    "With blurred parts": "ぼかし処理済み",
    "Given to": "提供先",
    Purpose: "目的",
    "Made by": "作成者",
    "Case sealed": "ケース封印",
    "Times are the shop's ({zone}).": "時刻は店舗の現地時間です（{zone}）。",
    "The server's clock was synchronised, off by at most {ms} ms when this package was made.": "サーバーの時計は同期されており、作成時の誤差は最大{ms}ミリ秒でした。",
    "The server's clock was not known to be synchronised when this package was made.": "作成時、サーバーの時計が同期されていたことは確認できませんでした。",
    "Clock of till {register}: {s} s from the server's; the times below are put right by that.": "{register}の時計はサーバーと{s}秒ずれており、下の時刻は補正済みです。",
    "Not in this package": "このパッケージに含まれないもの",
    "Lane {n}": "レーン{n}",
    "{what} (part)": "{what}（拡大）",
    Incident: "インシデント",
    Sale: "取引",
    Footage: "録画",
    Note: "メモ",
    "Till's journal": "レジの記録",
    "Choose a line to see its moment.": "行を選ぶと、その場面を表示します。",
    Receipt: "レシート",
    "As text": "文字で表示",
    Pictures: "静止画",
    History: "経過",
    "What it rests on": "根拠",
    "Added by {name}, {at}": "追加：{name}（{at}）",
    "No footage {from}–{to}: {why}": "{from}～{to}は録画がありません：{why}",
    "No footage {from}–{to}": "{from}～{to}は録画がありません",
    "All cameras": "全カメラ",
    "Clip of the incident": "インシデントの動画",
    "One picture back": "1コマ戻る",
    "One picture on": "1コマ進む",
    "This video does not play. Was the whole ZIP file unpacked?": "動画を再生できません。ZIPファイルをすべて展開しましたか？",
    "This browser cannot play H.265, in which some cameras record: open {file} with another program.": "一部のカメラの録画形式（H.265）は、このブラウザーでは再生できません。{file}を別のソフトで開いてください。",
    "Picture not found": "静止画がありません",
    "Prove that nothing was changed": "改ざんがないことの確認",
    "A page opened from a disk may not read the files beside it. Choose them here; nothing leaves this computer.": "ディスクから開いたページは、隣のファイルを自分では読めません。ここで選んでください。このコンピューターの外には何も送られません。",
    "Choose this folder": "このフォルダーを選ぶ",
    "Choose the ZIP file": "ZIPファイルを選ぶ",
    "or drop the ZIP file here": "または、ZIPファイルをここにドロップ",
    "Checking {done} of {all} MB …": "確認中 {done} / {all} MB…",
    "Whole: {n} files are as they were signed.": "改ざんはありません：{n}個のファイルが署名時のままです。",
    "NOT WHOLE: {path}: {what}": "改ざんまたは破損があります：{path}：{what}",
    "Signed with key {key}. Ask the shop, by another way than this package came by, whether that is its key.": "署名鍵：{key}。この鍵が店舗のものか、このパッケージとは別の経路で店舗に確認してください。",
    "This page is a part of the package. Whoever must be certain uses “tenban evidence verify”, or openssl as README.txt says.": "このページ自体もパッケージの一部です。厳密な確認には「tenban evidence verify」、またはREADME.txtにあるopensslの手順を使ってください。",
    "This browser cannot check the signature (Ed25519); its files were compared with the manifest only. Use a newer browser, or README.txt.": "このブラウザーは署名（Ed25519）を確認できません。ファイルと目録の照合だけを行いました。新しいブラウザーか、README.txtの方法を使ってください。",
    "it is missing": "ありません",
    "it was changed: its SHA-256 is another": "変更されています（SHA-256が違います）",
    "expected {n} bytes, got {m}": "長さが違います（{n}バイトのはずが{m}バイト）",
    "the manifest does not name it: it was put in": "目録にありません（後から加えられています）",
    "it is there more than once": "同じ名前が二つ以上あります",
    "the signature does not fit: it, manifest.sig or public-key.pem was changed": "署名が合いません（このファイル、manifest.sig、public-key.pemのいずれかが変更されています）",
    "it is no ZIP file, or it is cut off": "ZIPファイルではないか、途中で切れています",
    "it is of another package": "別のパッケージです",
  };
  const TYPES = {
    sale_started: ["取引開始", "Sale started"],
    item_registered: ["商品登録", "Item registered"],
    item_voided: ["一部取り消し", "Item voided"],
    payment_started: ["会計開始", "Payment begins"],
    paid: ["会計済み", "Paid"],
    sale_cancelled: ["取引中止", "Sale cancelled"],
    sale_suspended: ["取引保留", "Sale suspended"],
    sale_resumed: ["取引再開", "Sale resumed"],
    refunded: ["返金", "Refunded"],
    sale_voided: ["取引の取り消し", "Sale voided"],
    drawer_opened: ["ドロワー開放", "Drawer opened"],
    assist_requested: ["係員呼び出し", "Assistance asked for"],
    cashier_signed_on: ["レジ係 開始", "Cashier signed on"],
    cashier_signed_off: ["レジ係 終了", "Cashier signed off"],
    hint_answered: ["案内への応答", "Hint answered"],
  };
  const STEPS = {
    opened: ["発生", "Opened"],
    repeated: ["再発", "Seen again"],
    withdrawn: ["取り下げ", "Withdrawn"],
    stated: ["判断", "Stated"],
    taken: ["担当", "Taken"],
    let_go: ["担当解除", "Let go"],
    handed_over: ["引き継ぎ", "Handed over"],
    passed_on: ["責任者に通知", "Passed on to supervisors"],
    clip: ["動画", "Clip"],
    revised: ["内容の更新", "Put more precisely"],
    changed: ["画像の追加", "Pictures added"],
    pictures_erased: ["画像の消去", "Pictures erased"],
  };
  const STILLS = {
    operator: ["レジの使用者", "At the register"],
    enters_bagging: ["袋詰め台へ", "Into the bagging area"],
    left_basket: ["かごから", "Out of the basket"],
    last_move: ["最後に移した商品", "Last item moved"],
    leaving: ["離れるところ", "Leaving"],
    empty_position: ["無人の操作位置", "Nobody there"],
    basket_at_payment: ["会計時のかご", "Basket at payment"],
    basket_after_payment: ["会計後のかご", "Basket after payment"],
  };
  const METHODS = {
    cash: ["現金", "Cash"],
    card: ["カード", "Card"],
    ic: ["交通系IC", "IC card"],
    qr: ["コード決済", "Code payment"],
    emoney: ["電子マネー", "E-money"],
  };
  // What was stated of an incident, and the reasons that are offered for it.
  const STATED = {
    true: ["検知どおり", "True"],
    false_alarm: ["誤検知", "False alarm"],
    unclear: ["不明", "Unclear"],
    unconfirmed: ["未確認", "Unconfirmed"],
    confirmed: ["確認済み", "Confirmed"],
    pending: ["保留", "On hold"],
    resolved: ["対応済み", "Resolved"],
    withdrawn: ["取り下げ", "Withdrawn"],
    forgot_to_scan: ["スキャン忘れ", "Forgot to scan"],
    scanned_by_staff: ["従業員が登録", "Scanned by staff"],
    own_thing: ["お客様の私物", "Shopper's own thing"],
    put_back: ["商品を戻した", "Put back"],
    bag_moved: ["袋やかごの移動", "Bag or basket moved"],
  };
  // What the server did by itself has no person's name beside it.
  const OURSELVES = new Set(["judge", "jobs"]);
  let language = /^ja\b/.test(navigator.language) ? "ja" : "en";

  function _(text, values = {}) {
    const said = language === "ja" ? (WORDS[text] ?? text) : text;
    return said.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
  }
  const both = (pair, name) => (pair ? pair[language === "ja" ? 0 : 1] : name);
  const told = (text) => (typeof text === "string" ? text : (text?.[language] ?? text?.en ?? ""));

  function h(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
      if (value === null || value === undefined || value === false) continue;
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value === true ? "" : value);
    }
    element.append(...children.flat(9).filter((one) => one !== null && one !== undefined && one !== false));
    return element;
  }

  function when(at, date = false) {
    const style = { timeZone: zone, hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" };
    if (date) Object.assign(style, { year: "numeric", month: "short", day: "numeric", weekday: "short" });
    return new Intl.DateTimeFormat(language === "ja" ? "ja-JP" : "en-GB", style).format(new Date(at));
  }

  function tenths(ms) {
    return `${when(ms)}.${Math.floor((((ms % 1000) + 1000) % 1000) / 100)}`;
  }

  function money(amount) {
    if (amount === null || amount === undefined) return "";
    const format = new Intl.NumberFormat(language === "ja" ? "ja-JP" : "en-GB", { style: "currency", currency: data.currency });
    return format.format(amount / 10 ** format.resolvedOptions().maximumFractionDigits);
  }

  // --- one item: videos beside the journal

  const laneName = (name) => (/^\d+$/.test(name ?? "") ? _("Lane {n}", { n: name }) : name);

  function itemPart(item) {
    const kinds = { incident: _("Incident"), sale: _("Sale"), footage: _("Footage"), note: _("Note") };
    const lane = laneName(item.register);
    const title = [kinds[item.kind], lane, item.sale && `#${item.sale}`].filter(Boolean).join(" · ");
    const player = item.clips.length ? makePlayer(item.clips) : null;
    const journal = item.journal ? makeJournal(item.journal, player) : null;
    return h(
      "section",
      { class: "item", "aria-labelledby": `item-${item.n}` },
      h("h2", { id: `item-${item.n}` }, `${item.n}. ${title}`),
      item.incident ? incidentPart(item.incident) : null,
      item.text ? h("p", { class: "note" }, item.text) : null,
      player || journal ? h("div", { class: player && journal ? "beside" : "alone" }, player?.element, journal) : null,
      item.stills.length ? h("h3", {}, _("Pictures")) : null,
      item.stills.length ? h("div", { class: "stills" }, item.stills.map(stillPart)) : null,
      item.receipt ? h("details", { open: true }, h("summary", {}, _("Receipt")), h("pre", {}, item.receipt)) : null,
      item.incident ? historyPart(item.incident) : null,
      h("p", { class: "muted" }, _("Added by {name}, {at}", { name: item.added_by, at: when(item.added_at, true) })),
    );
  }

  function clipName(clip) {
    if (clip.side_by_side) return _("All cameras");
    const what = clip.incident ? _("Clip of the incident") : clip.camera_name;
    return `${what} · ${when(clip.start_at)}`;
  }

  function makePlayer(clips) {
    let shown = null;
    const listeners = [];
    const video = h("video", { controls: true, preload: "metadata", playsinline: true, muted: true });
    const clock = h("output", { class: "clock", "aria-live": "off" });
    const trouble = h("p", { class: "trouble", role: "alert", hidden: true });
    const gaps = h("ul", { class: "gaps" });
    const tabs = clips.map((clip) => h("button", { type: "button", onclick: () => show(clip, wall()) }, clipName(clip)));
    const step = (by) => () => {
      video.pause();
      video.currentTime = Math.max(0, video.currentTime + by / (shown.frames ? shown.frames / length() : 15));
    };
    const length = () => Math.max(0.1, (Date.parse(shown.end_at) - Date.parse(shown.start_at)) / 1000);
    const wall = () => (shown ? Date.parse(shown.start_at) + video.currentTime * 1000 : null);

    function show(clip, at) {
      if (clip === shown) return;
      shown = clip;
      trouble.hidden = true;
      video.src = clip.path;
      tabs.forEach((tab, place) => tab.setAttribute("aria-pressed", String(clips[place] === clip)));
      gaps.replaceChildren(
        ...clip.gaps.map((gap) => {
          const span = { from: when(gap.start_at), to: when(gap.end_at), why: gap.why };
          // Where nobody knows why, there is no reason to tell.
          const known = gap.why !== "there is no footage of this time";
          return h("li", {}, known ? _("No footage {from}–{to}: {why}", span) : _("No footage {from}–{to}", span));
        }),
      );
      if (at !== null) seek(at);
      tick();
    }

    function seek(ms) {
      const holds = (clip) => Date.parse(clip.start_at) <= ms && ms < Date.parse(clip.end_at);
      // The camera that is looked at stays, where it has the moment; else the first that has it.
      const clip = shown && holds(shown) ? shown : (clips.find(holds) ?? shown);
      if (clip !== shown) {
        show(clip, null);
      }
      const to = Math.min(Math.max(0, (ms - Date.parse(clip.start_at)) / 1000), length());
      if (video.readyState > 0) video.currentTime = to;
      else video.addEventListener("loadedmetadata", () => (video.currentTime = to), { once: true });
    }

    function tick() {
      clock.textContent = `${when(wall(), true).replace(/[ ,、]*\d\d:\d\d:\d\d$/, "")} ${tenths(wall())}`;
      for (const listener of listeners) listener(wall());
    }

    video.addEventListener("timeupdate", tick);
    video.addEventListener("seeked", tick);
    function fail() {
      const lines = [_("This video does not play. Was the whole ZIP file unpacked?")];
      if (!video.canPlayType('video/mp4; codecs="hvc1.1.6.L93.B0"'))
        lines.push(_("This browser cannot play H.265, in which some cameras record: open {file} with another program.", { file: shown.path }));
      trouble.textContent = lines.join(" ");
      trouble.hidden = false;
    }
    video.addEventListener("error", fail);
    // A browser that cannot play the pictures may play the sound alone.
    video.addEventListener("loadedmetadata", () => {
      if (!video.videoWidth) fail();
    });
    const element = h(
      "div",
      { class: "player" },
      clips.length > 1 ? h("div", { class: "tabs", role: "group" }, tabs) : h("p", { class: "muted" }, clipName(clips[0])),
      video,
      h(
        "div",
        { class: "under" },
        clock,
        h("button", { type: "button", "aria-label": _("One picture back"), title: _("One picture back"), onclick: step(-1) }, "‹"),
        h("button", { type: "button", "aria-label": _("One picture on"), title: _("One picture on"), onclick: step(1) }, "›"),
      ),
      trouble,
      gaps,
    );
    show(clips[0], null);
    return { element, seek, onmove: (listener) => listeners.push(listener) };
  }

  function makeJournal(lines, player) {
    const rows = lines.map((line) => {
      const what = [both(TYPES[line.type], line.type), line.name ?? line.plu, line.quantity > 1 && `×${line.quantity}`, line.reason];
      const paid = line.payments.map((one) => [both(METHODS[one.method], one.method), one.card].filter(Boolean).join(" "));
      const inside = [
        h("time", { datetime: line.at, title: line.rung_at }, when(line.at)),
        h("span", {}, [...what, ...paid].filter(Boolean).join(" · ")),
        h("b", {}, money(line.amount)),
      ];
      return h("li", {}, player ? h("button", { type: "button", onclick: () => player.seek(Date.parse(line.at)) }, inside) : h("div", {}, inside));
    });
    player?.onmove((ms) => {
      // The last line at or before the moment; times of one sale may stand a little out of order.
      let last = -1;
      lines.forEach((line, place) => {
        if (Date.parse(line.at) <= ms + 50 && (last < 0 || Date.parse(line.at) >= Date.parse(lines[last].at))) last = place;
      });
      rows.forEach((row, place) => (place === last ? row.setAttribute("aria-current", "true") : row.removeAttribute("aria-current")));
    });
    return h(
      "div",
      { class: "journal" },
      h("h3", {}, _("Till's journal")),
      player ? h("p", { class: "muted" }, _("Choose a line to see its moment.")) : null,
      h("ol", {}, rows),
    );
  }

  function stillPart(still) {
    const label = still.label.replace(/_part$/, "");
    const what = both(STILLS[label], label.replaceAll("_", " "));
    const name = label === still.label ? what : _("{what} (part)", { what });
    const image = h("img", { src: still.path, alt: name, loading: "lazy" });
    image.addEventListener("error", () => image.replaceWith(h("p", { class: "trouble" }, _("Picture not found"))));
    const caption = [name, still.captured_at && when(still.captured_at)].filter(Boolean).join(" · ");
    return h("figure", {}, h("a", { href: still.path, target: "_blank", rel: "noopener" }, image), h("figcaption", {}, caption));
  }

  function incidentPart(incident) {
    return incident.causes.map((cause) =>
      h("p", { class: "sentence" }, h("time", {}, when(cause.occurred_at, true)), h("b", {}, told(cause.title)), h("span", {}, told(cause.sentence))),
    );
  }

  function historyPart(incident) {
    const rows = incident.history.map((one) => {
      const known = (text) => (one.what === "stated" && Object.hasOwn(STATED, text) ? both(STATED[text]) : text);
      const detail = [one.detail.outcome ?? one.detail.to, one.detail.reason].filter((text) => typeof text === "string").map(known);
      return h("li", {}, h("time", {}, when(one.at, true)), h("b", {}, both(STEPS[one.what], one.what)), h("span", {}, [...detail, OURSELVES.has(one.who) ? null : one.who].filter(Boolean).join(" · ")));
    });
    return [
      h("h3", {}, _("History")),
      h("ol", { class: "history" }, rows),
      h("details", {}, h("summary", {}, _("What it rests on")), h("pre", {}, JSON.stringify(incident.causes.map((one) => one.facts), null, 1))),
    ];
  }

  // --- the proof

  // SHA-256 (FIPS 180-4) over parts: what the browser brings takes only what fits into memory as a whole.
  const K = new Uint32Array(64);
  const START = new Uint32Array(8);
  (() => {
    const share = (x) => ((x - Math.floor(x)) * 2 ** 32) >>> 0;
    for (let n = 2, found = 0; found < 64; n += 1) {
      let prime = true;
      for (let d = 2; d * d <= n; d += 1) if (n % d === 0) prime = false;
      if (!prime) continue;
      if (found < 8) START[found] = share(Math.sqrt(n));
      K[found] = share(Math.cbrt(n));
      found += 1;
    }
  })();

  class Sha256 {
    #state = new Uint32Array(START);
    #words = new Uint32Array(64);
    #rest = new Uint8Array(64);
    #waiting = 0;
    #length = 0;

    add(part) {
      this.#length += part.length;
      let at = 0;
      if (this.#waiting) {
        at = Math.min(64 - this.#waiting, part.length);
        this.#rest.set(part.subarray(0, at), this.#waiting);
        this.#waiting += at;
        if (this.#waiting < 64) return;
        this.#block(this.#rest, 0);
        this.#waiting = 0;
      }
      for (; at + 64 <= part.length; at += 64) this.#block(part, at);
      this.#rest.set(part.subarray(at));
      this.#waiting = part.length - at;
    }

    end() {
      const bits = this.#length * 8;
      const tail = new Uint8Array((this.#waiting < 56 ? 64 : 128) - this.#waiting);
      tail[0] = 0x80;
      const view = new DataView(tail.buffer);
      view.setUint32(tail.length - 8, Math.floor(bits / 2 ** 32));
      view.setUint32(tail.length - 4, bits >>> 0);
      this.add(tail);
      return [...this.#state].map((word) => word.toString(16).padStart(8, "0")).join("");
    }

    #block(bytes, at) {
      const w = this.#words;
      for (let i = 0, p = at; i < 16; i += 1, p += 4) w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
      for (let i = 16; i < 64; i += 1) {
        const x = w[i - 15];
        const y = w[i - 2];
        const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
        const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
      }
      let [a, b, c, d, e, f, g, k] = this.#state;
      for (let i = 0; i < 64; i += 1) {
        const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
        const t1 = (k + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
        const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
        const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [k, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
      }
      [a, b, c, d, e, f, g, k].forEach((word, place) => (this.#state[place] += word));
    }
  }

  const SMALL = 32 << 20;
  const PART = 4 << 20;

  async function sha256(blob, read) {
    if (blob.size <= SMALL && globalThis.crypto?.subtle) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await blob.arrayBuffer()));
      read(blob.size);
      return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    }
    const sum = new Sha256();
    for (let at = 0; at < blob.size; at += PART) {
      const part = new Uint8Array(await blob.slice(at, at + PART).arrayBuffer());
      sum.add(part);
      read(part.length);
      await new Promise((resolve) => setTimeout(resolve)); // the page stays alive meanwhile
    }
    return sum.end();
  }

  /** The files of a ZIP without compression: name → Blob. */
  async function filesOfZip(zip) {
    const bad = () => new Fault(zip.name, _("it is no ZIP file, or it is cut off"));
    const view = async (from, length) => new DataView(await zip.slice(from, from + length).arrayBuffer());
    const tail = await view(Math.max(0, zip.size - 22), 22);
    if (tail.byteLength < 22 || tail.getUint32(0, true) !== 0x06054b50) throw bad();
    let count = tail.getUint16(10, true);
    let length = tail.getUint32(12, true);
    let start = tail.getUint32(16, true);
    if (zip.size >= 42) {
      const where = await view(zip.size - 42, 20);
      if (where.getUint32(0, true) === 0x07064b50) {
        const long = await view(Number(where.getBigUint64(8, true)), 56);
        [count, length, start] = [32, 40, 48].map((at) => Number(long.getBigUint64(at, true)));
      }
    }
    const central = await view(start, length);
    const found = [];
    let at = 0;
    for (let n = 0; n < count; n += 1) {
      if (at + 46 > central.byteLength || central.getUint32(at, true) !== 0x02014b50) throw bad();
      let size = central.getUint32(at + 24, true);
      let local = central.getUint32(at + 42, true);
      const [nameLength, extraLength, noteLength] = [28, 30, 32].map((by) => central.getUint16(at + by, true));
      const name = new TextDecoder().decode(new Uint8Array(central.buffer, at + 46, nameLength));
      let extra = at + 46 + nameLength + 4;
      if (size === 0xffffffff) {
        size = Number(central.getBigUint64(extra, true));
        extra += 16;
      }
      if (local === 0xffffffff) local = Number(central.getBigUint64(extra, true));
      if (central.getUint16(at + 10, true) !== 0) throw bad();
      const head = await view(local, 30);
      if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw new Fault(name, _("it is no ZIP file, or it is cut off"));
      const begins = local + 30 + head.getUint16(26, true) + head.getUint16(28, true);
      found.push([name, zip.slice(begins, begins + size)]);
      at += 46 + nameLength + extraLength + noteLength;
    }
    return found;
  }

  class Fault extends Error {
    constructor(path, what) {
      super(what);
      this.path = path;
    }
  }

  const OWN = ["manifest.json", "manifest.sig", "public-key.pem"];
  const IGNORED = /(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

  async function proven(list, progress) {
    const files = new Map();
    for (const [path, blob] of list) {
      if (files.has(path)) throw new Fault(path, _("it is there more than once"));
      if (!IGNORED.test(path)) files.set(path, blob);
    }
    for (const path of OWN) if (!files.has(path)) throw new Fault(path, _("it is missing"));
    const signed = new Uint8Array(await files.get("manifest.json").arrayBuffer());
    const pem = await files.get("public-key.pem").text();
    const key = await sha256(new Blob([rawKey(pem)]), () => {});
    const signature = await signatureFits(pem, await files.get("manifest.sig").arrayBuffer(), signed);
    if (signature === false) throw new Fault("manifest.json", _("the signature does not fit: it, manifest.sig or public-key.pem was changed"));
    let manifest = null;
    try {
      manifest = JSON.parse(new TextDecoder().decode(signed));
    } catch {
      throw new Fault("manifest.json", _("it was changed: its SHA-256 is another"));
    }
    if (manifest.package.id !== data.package.id) throw new Fault("manifest.json", _("it is of another package"));
    const named = new Set(manifest.files.map((one) => one.path));
    for (const path of files.keys()) if (!named.has(path) && !OWN.includes(path)) throw new Fault(path, _("the manifest does not name it: it was put in"));
    const all = manifest.files.reduce((sum, one) => sum + one.bytes, 0);
    let done = 0;
    for (const one of manifest.files) {
      const blob = files.get(one.path);
      if (!blob) throw new Fault(one.path, _("it is missing"));
      if (blob.size !== one.bytes) throw new Fault(one.path, _("expected {n} bytes, got {m}", { n: one.bytes, m: blob.size }));
      const sum = await sha256(blob, (bytes) => progress((done += bytes), all));
      if (sum !== one.sha256) throw new Fault(one.path, _("it was changed: its SHA-256 is another"));
    }
    return { n: manifest.files.length, key: key.slice(0, 16), signed: signature };
  }

  /** The 32 bytes of an Ed25519 public key: the end of its SubjectPublicKeyInfo (RFC 8410). */
  function rawKey(pem) {
    try {
      const text = atob(pem.replace(/-----[^-]+-----|\s/g, ""));
      if (text.length !== 44) throw new Error("not Ed25519");
      return Uint8Array.from(text.slice(-32), (one) => one.charCodeAt(0));
    } catch {
      throw new Fault("public-key.pem", _("the signature does not fit: it, manifest.sig or public-key.pem was changed"));
    }
  }

  /** Whether the signature fits; null where this browser cannot tell. */
  async function signatureFits(pem, signature, signed) {
    let key = null;
    try {
      key = await crypto.subtle.importKey("raw", rawKey(pem), { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
      if (error instanceof Fault) throw error;
      return error.name === "DataError" ? false : null;
    }
    return crypto.subtle.verify({ name: "Ed25519" }, key, signature, signed);
  }

  function proofPart() {
    const line = h("p", { class: "result", role: "status" });
    const more = h("p", { class: "muted" });
    const bar = h("progress", { max: "1", value: "0", hidden: true });
    const folder = h("input", { type: "file", webkitdirectory: true, multiple: true, id: "folder" });
    const zip = h("input", { type: "file", accept: ".zip,application/zip", id: "zip" });

    async function check(read) {
      line.className = "result";
      more.textContent = "";
      bar.hidden = false;
      bar.value = 0;
      const progress = (done, all) => {
        bar.value = all ? done / all : 1;
        line.textContent = _("Checking {done} of {all} MB …", { done: Math.round(done / 1e6), all: Math.round(all / 1e6) });
      };
      try {
        const { n, key, signed } = await proven(await read(), progress);
        line.className = `result ${signed ? "ok" : "unsure"}`;
        line.textContent = signed
          ? _("Whole: {n} files are as they were signed.", { n })
          : _("This browser cannot check the signature (Ed25519); its files were compared with the manifest only. Use a newer browser, or README.txt.");
        more.textContent = _("Signed with key {key}. Ask the shop, by another way than this package came by, whether that is its key.", { key });
      } catch (error) {
        line.className = "result bad";
        line.textContent = _("NOT WHOLE: {path}: {what}", { path: error.path ?? "?", what: error.message });
      }
      bar.hidden = true;
    }

    folder.addEventListener("change", () =>
      check(async () => [...folder.files].map((file) => [file.webkitRelativePath.split("/").slice(1).join("/"), file])),
    );
    zip.addEventListener("change", () => zip.files.length && check(() => filesOfZip(zip.files[0])));
    const element = h(
      "section",
      { class: "proof", "aria-labelledby": "proof" },
      h("h2", { id: "proof" }, _("Prove that nothing was changed")),
      h("p", {}, _("A page opened from a disk may not read the files beside it. Choose them here; nothing leaves this computer.")),
      h(
        "div",
        { class: "ways" },
        h("label", { class: "button", for: "folder" }, _("Choose this folder")),
        folder,
        h("label", { class: "button", for: "zip" }, _("Choose the ZIP file")),
        zip,
        h("span", { class: "muted" }, _("or drop the ZIP file here")),
      ),
      bar,
      line,
      more,
      h("p", { class: "muted" }, _("This page is a part of the package. Whoever must be certain uses “tenban evidence verify”, or openssl as README.txt says.")),
    );
    element.addEventListener("dragover", (event) => event.preventDefault());
    element.addEventListener("drop", (event) => {
      event.preventDefault();
      const file = event.dataTransfer.files[0];
      if (file) check(() => filesOfZip(file));
    });
    return element;
  }

  // --- the whole

  function clocksPart() {
    const { server, tills } = data.clocks;
    const registers = new Set(data.items.map((item) => item.journal?.[0]?.register).filter(Boolean));
    return h(
      "ul",
      { class: "muted clocks" },
      h("li", {}, _("Times are the shop's ({zone}).", { zone })),
      h(
        "li",
        {},
        server.synchronised
          ? _("The server's clock was synchronised, off by at most {ms} ms when this package was made.", { ms: Math.ceil(server.maximum_error_us / 1000) })
          : _("The server's clock was not known to be synchronised when this package was made."),
      ),
      tills
        .filter((one) => registers.has(one.register))
        .map((one) => h("li", {}, _("Clock of till {register}: {s} s from the server's; the times below are put right by that.", { register: laneName(one.name ?? one.register), s: (one.offset_us / 1e6).toFixed(2) }))),
    );
  }

  function paint() {
    document.documentElement.lang = language;
    document.title = `${data.case.reference} ${data.case.title} · Tenban`;
    const pack = data.package;
    const facts = [
      [_("Purpose"), pack.purpose],
      [_("Given to"), pack.receiver],
      [_("Made by"), `${pack.ordered_by.name}, ${when(pack.made_at, true)}`],
      [_("Case sealed"), data.case.sealed_at && `${data.case.sealed_by.name}, ${when(data.case.sealed_at, true)}`],
    ].filter(([, text]) => text);
    document.body.replaceChildren(
      h(
        "header",
        {},
        h("p", { class: "brand" }, h("b", { lang: "ja" }, "店番"), ` ${data.case.company} · ${data.case.shop.name}`),
        h("button", { type: "button", class: "language", onclick: () => speak(language === "ja" ? "en" : "ja") }, language === "ja" ? "English" : "日本語"),
      ),
      h(
        "main",
        {},
        h("h1", {}, data.case.title),
        h(
          "p",
          { class: "marks" },
          h("span", {}, data.case.reference),
          h("span", {}, _("Package {n}", { n: pack.number })),
          h("span", {}, pack.form === "blurred" ? _("With blurred parts") : _("Footage as recorded")),
        ),
        h("dl", {}, facts.map(([name, text]) => h("div", {}, h("dt", {}, name), h("dd", {}, text)))),
        clocksPart(),
        data.missing.length ? h("section", { class: "missing" }, h("h2", {}, _("Not in this package")), h("ul", {}, data.missing.map((one) => h("li", {}, told(one))))) : null,
        data.items.map(itemPart),
        proofPart(),
      ),
    );
  }

  function speak(code) {
    language = code;
    paint();
    document.querySelector(".language").focus();
  }

  paint();
})();
