// Choosing a canned reply: found by name, shortcut or text, shown as it would read in this conversation, and put into the answer.
//
// What the case doesn't know stands there marked, and no answer is sent with a mark. No text is translated: another language is chosen.

import { call, get, Problem } from "./api.js";
import { fill, h, keyed, say } from "./dom.js";
import { shortly } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const MARK = /⟦(\w+)⟧/g;
const SETTLES = 120; // ms: whoever runs through the list by keys asks for none of what they pass

/** Every canned reply that the agent may use, by name. */
export async function allCanned() {
  const found = [];
  let cursor = "";
  do {
    const page = await get(`/canned?limit=200${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return found.sort((one, other) => one.name.localeCompare(other.name));
}

/** Answers `{text, then, record}`, null for none; `record` is the case as it was seen then. `query` tells what has been typed until it opens, `stands` whether it is still asked for then. */
export async function pick({ conversation, me, query, stands }) {
  const [replies, record] = await Promise.all([allCanned(), conversation.case ? get(`/cases/${conversation.case}`).catch(() => null) : null]);
  return stands() ? new Picker({ conversation, me, record, replies, query }).open() : null;
}

class Picker {
  constructor(given) {
    Object.assign(this, given);
    this.known = new Map(); // previews by reply and language
    this.language = null; // another than the conversation's, once it was chosen
    this.search = h("input", {
      id: "canned-search",
      type: "search",
      role: "combobox",
      autocomplete: "off",
      "aria-expanded": "true",
      "aria-controls": "canned-list",
      "aria-autocomplete": "list",
      "aria-label": t("canned.search"),
      placeholder: t("canned.search"),
      on: { input: () => this.#find(), keydown: (event) => this.#keyed(event) },
    });
    this.list = h("ul", { id: "canned-list", class: "found", role: "listbox", "aria-label": t("canned.list") });
    this.count = h("p", { class: "unseen", role: "status" });
    this.nothing = h("p", { class: "empty", hidden: true });
    this.preview = h("div", { class: "shown", role: "group", "aria-live": "polite", "aria-label": t("canned.preview") });
    this.insert = h("button", { type: "button", class: "strong", on: { click: () => this.#take() } }, t("canned.insert"));
  }

  open() {
    return new Promise((answer) => {
      this.dialog = h(
        "dialog",
        { class: "wide picker", "aria-labelledby": "canned-title" },
        h("div", { class: "row" }, h("h2", { id: "canned-title" }, t("canned.title")), h("button", { type: "button", class: "aside", on: { click: () => this.#manage() } }, t("canned.write"))),
        this.search,
        h("div", { class: "two" }, h("div", {}, this.list, this.nothing), this.preview),
        this.count,
        h("div", { class: "row" }, h("p", { class: "hint" }, t("canned.keys")), h("div", { class: "row" }, h("button", { type: "button", on: { click: () => this.dialog.close() } }, t("cancel")), this.insert)),
      );
      this.dialog.addEventListener("close", () => {
        clearTimeout(this.soon);
        this.dialog.remove();
        answer(this.taken ?? null);
      });
      document.body.append(this.dialog);
      this.dialog.showModal();
      this.search.value = this.query();
      this.search.focus();
      this.#find();
    });
  }

  async #manage() {
    const { CannedDialog } = await import("./canned-dialog.js");
    await new CannedDialog({ me: this.me, replies: this.replies }).open();
    try {
      this.replies = await allCanned();
    } catch (error) {
      this.#tell(h("p", { class: "said" }, told(error)));
    }
    this.known.clear();
    this.search.focus();
    this.#find();
  }

  // finding --------------------------------------------------------------------------------------------------

  #find() {
    const wanted = this.search.value.trim().replace(/^[/／]/, "").toLowerCase();
    this.rows = this.replies.filter((one) => matches(one, wanted)).sort((one, other) => this.#rank(one, wanted) - this.#rank(other, wanted));
    if (!this.rows.some((one) => one.id === this.at)) this.at = this.rows[0]?.id ?? null;
    if (wanted !== this.wanted) this.at = this.rows[0]?.id ?? null;
    this.wanted = wanted;
    this.nothing.hidden = this.rows.length > 0;
    say(this.nothing, t(this.replies.length ? "canned.nothing_found" : "canned.none"));
    say(this.count, t("canned.found", { n: this.rows.length }));
    this.#draw();
  }

  /** The shortcut that was typed first, then what is meant for this case and channel and speaks its customer's language. */
  #rank(one, wanted) {
    if (wanted && one.shortcut === wanted) return 0;
    return 1 + (wanted && one.shortcut?.startsWith(wanted) ? 0 : 1) + (this.#fits(one) ? 0 : 4) + (one.texts[this.conversation.language] ? 0 : 2);
  }

  #fits(one) {
    return (!one.channel || one.channel === this.conversation.channel) && (!one.category || !this.record || one.category === this.record.category);
  }

  #draw() {
    keyed(this.list, this.rows, { key: (one) => one.id, signature: (one) => JSON.stringify([one.version, one.id === this.at]), make: (one) => this.#row(one) });
    if (this.at) this.search.setAttribute("aria-activedescendant", `canned-${this.at}`);
    else this.search.removeAttribute("aria-activedescendant");
    this.list.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
    this.language = null;
    this.#look();
  }

  #row(one) {
    const meant = [term("category", one.category), term("channels", one.channel)].filter(Boolean).join(" · ");
    const about = [one.shared ? t("canned.shared") : t("canned.own"), ...Object.keys(one.texts).map((tag) => term("languages_short", tag)), meant ? t("canned.meant", { what: meant }) : ""];
    return h(
      "li",
      { id: `canned-${one.id}`, role: "option", "aria-selected": String(one.id === this.at), on: { click: () => this.#choose(one.id), dblclick: () => this.#take() } },
      h("p", {}, h("strong", {}, one.name), one.shortcut ? h("code", {}, `/${one.shortcut}`) : null),
      h("p", { class: "muted" }, about.filter(Boolean).join(" · ")),
      one.then ? h("p", { class: "muted then" }, `+ ${inWords(one.then).join(t("list_stop"))}`) : null,
    );
  }

  #choose(id) {
    this.at = id;
    this.#draw();
    this.search.focus();
  }

  #keyed(event) {
    if (event.isComposing || event.keyCode === 229) return; // an input method takes Enter and the arrows for itself
    const at = this.rows.findIndex((one) => one.id === this.at);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 5, PageUp: at - 5 }[event.key];
    if (to !== undefined && this.rows.length) {
      event.preventDefault();
      const many = this.rows.length;
      this.at = this.rows[event.key.startsWith("Page") ? Math.min(many - 1, Math.max(0, to)) : (to + many) % many].id;
      this.#draw();
    } else if (event.key === "Enter") {
      event.preventDefault();
      this.#take();
    }
  }

  // what it would read ---------------------------------------------------------------------------------------

  get #chosen() {
    return this.rows.find((one) => one.id === this.at) ?? null;
  }

  #filled(one) {
    const key = `${one.id} ${this.language}`;
    if (!this.known.has(key)) {
      const asked = call("POST", `/conversations/${this.conversation.id}/canned/${one.id}`, this.language ? { language: this.language } : {});
      this.known.set(key, asked);
      asked.catch((error) => error.code === "no_text_in_language" || this.known.delete(key)); // what failed is asked again
    }
    return this.known.get(key);
  }

  #look() {
    clearTimeout(this.soon);
    const one = this.#chosen;
    this.insert.disabled = !one;
    if (!one) return this.#tell();
    this.soon = setTimeout(() => this.#show(one), this.known.has(`${one.id} ${this.language}`) ? 0 : SETTLES);
  }

  async #show(one) {
    try {
      const found = await this.#filled(one);
      if (this.#chosen?.id === one.id) this.#tell(this.#text(found));
    } catch (error) {
      if (this.#chosen?.id === one.id) this.#tell(this.#without(one, error));
    }
  }

  #tell(...children) {
    fill(this.preview, children);
  }

  #text(found) {
    const parts = named(found.text).split(/(⟦[^⟦⟧]*⟧)/);
    const fields = found.missing.map((name) => term("fields_of_reply", name)).join(t("list_comma"));
    return [
      h("p", { class: "muted" }, term("languages", found.language)),
      h("p", { class: "text", lang: found.language }, parts.map((part) => (part.startsWith("⟦") ? h("mark", {}, part) : part))),
      found.missing.length ? h("p", { class: "missing" }, t("canned.missing", { fields })) : null,
      found.then ? h("p", { class: "then" }, h("strong", {}, t("sending.armed")), " ", inWords(found.then).join(t("list_stop"))) : null,
    ];
  }

  #without(one, error) {
    if (!(error instanceof Problem) || error.code !== "no_text_in_language") return h("p", { class: "said" }, `${t("canned.lost")} ${told(error)}`);
    this.insert.disabled = true;
    const another = (tag) => {
      this.language = tag;
      this.insert.disabled = false;
      this.#show(one);
      this.search.focus();
    };
    return [
      h("p", {}, t("canned.no_text", { language: term("languages", error.document.language) })),
      h("div", { class: "choices" }, error.document.languages.map((tag) => h("button", { type: "button", on: { click: () => another(tag) } }, term("languages", tag)))),
    ];
  }

  async #take() {
    const one = this.#chosen;
    if (!one) return;
    clearTimeout(this.soon);
    try {
      const found = await this.#filled(one);
      if (this.#chosen?.id !== one.id) return;
      this.taken = { text: named(found.text), then: found.then, record: this.record };
      this.dialog.close();
    } catch (error) {
      this.#tell(this.#without(one, error));
      this.preview.querySelector("button")?.focus();
    }
  }
}

/** Marks in the agent's own words: what is missing is for them to fill in. */
const named = (text) => text.replace(MARK, (_, name) => `⟦${term("fields_of_reply", name)}⟧`);

/** What a macro does besides, as it is told before it is sent. */
function inWords({ status, hand_back: to, snooze_days: days, snooze_until: until }) {
  return [
    status === "resolved" ? t("sending.does_resolved") : status ? t("sending.does_status", { status: term("status", status) }) : null,
    to ? t(`sending.does_${to}`) : null,
    days ? `${t("canned.snooze")} ${days}` : null,
    until ? t("sending.does_snooze", { time: shortly(until) }) : null,
  ].filter(Boolean);
}

function matches(one, wanted) {
  if (!wanted) return true;
  return [one.name, one.shortcut ?? "", ...Object.values(one.texts)].some((text) => text.toLowerCase().includes(wanted));
}
