// The trail of a case: what has happened to it and in its conversations, who has looked at it, or both; the newest first, a page at a time.

import { get } from "./api.js";
import { fill, h, icon, keyed, nothingHasFocus } from "./dom.js";
import { moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { t, term } from "./words.js";

const KINDS = ["happened", "looked", "all"];
const PAGE = 20;

class Trail extends HTMLElement {
  kind = "happened";
  #most = PAGE;
  #happened = [];
  #seen = [];
  #cursor = null; // of the readings that were not fetched yet; undefined: none was

  connectedCallback() {
    sheet("beside.css");
    addEventListener("beforeprint", this.#whole);
  }

  disconnectedCallback() {
    removeEventListener("beforeprint", this.#whole);
  }

  /** On paper nobody asks for older ones. */
  #whole = () => {
    if (!this.list) return;
    this.#most = Infinity;
    this.#draw();
  };

  /** `steps` is what has happened, newest first. */
  show(record, steps, agents) {
    if (this.record?.id !== record.id) {
      this.#most = PAGE;
      this.#seen = [];
      this.#cursor = undefined;
    }
    this.record = record;
    this.agents = agents;
    this.#happened = steps;
    if (!this.list) this.#make();
    if (this.kind !== "happened") this.#fetch(null);
    this.#draw();
  }

  #make() {
    this.choice = h(
      "div",
      { class: "kinds", role: "group", "aria-label": t("beside.trail") },
      KINDS.map((kind) => h("button", { type: "button", "aria-pressed": String(kind === this.kind), "data-kind": kind, on: { click: () => this.#choose(kind) } }, t(`beside.${kind}`))),
    );
    this.list = h("ol", { class: "steps" });
    this.none = h("p", { class: "muted", hidden: true }, t("beside.nobody"));
    this.said = h("p", { class: "said", role: "alert" });
    this.older = h("button", { type: "button", class: "link", hidden: true, on: { click: () => this.#older() } });
    fill(this, this.choice, this.list, this.none, this.said, this.older);
  }

  async #choose(kind) {
    this.kind = kind;
    this.#most = PAGE;
    for (const button of this.choice.children) button.setAttribute("aria-pressed", String(button.dataset.kind === kind));
    if (kind !== "happened") await this.#fetch(null);
    this.#draw();
  }

  async #older() {
    const last = this.list.lastElementChild;
    this.#most += PAGE;
    if (this.kind !== "happened" && this.#cursor && this.#items().length < this.#most) await this.#fetch(this.#cursor);
    this.#draw();
    // whoever asked for older ones goes on reading where they begin
    const next = last?.nextElementSibling;
    next?.setAttribute("tabindex", "-1");
    if (nothingHasFocus() || document.activeElement === this.older) next?.focus({ preventScroll: true });
  }

  /** A page of readings: the newest, or those behind a cursor. */
  async #fetch(cursor) {
    const { id } = this.record;
    this.said.textContent = "";
    try {
      const { items, next_cursor } = await get(`/cases/${id}/readings?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
      if (this.record.id !== id) return;
      const known = new Set(items.map((one) => one.id));
      this.#seen = [...(cursor ? this.#seen : items), ...(cursor ? items : this.#seen.filter((one) => !known.has(one.id)))];
      if (cursor || this.#cursor === undefined) this.#cursor = next_cursor;
      this.#draw();
    } catch (error) {
      this.said.textContent = told(error);
    }
  }

  #items() {
    const seen = this.#seen.map((one) => ({ id: `seen ${one.id}`, at: one.at, seen: one }));
    if (this.kind === "looked") return seen;
    if (this.kind === "happened") return this.#happened;
    // nothing older than the readings that are here: between those that are not yet there may be more
    const from = this.#cursor ? (this.#seen.at(-1)?.at ?? "") : "";
    return [...seen, ...this.#happened.filter((one) => !from || Date.parse(one.at) >= Date.parse(from))].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  }

  #draw() {
    const items = this.#items();
    const shown = items.slice(0, this.#most);
    keyed(this.list, shown, { key: (one) => one.id, signature: (one) => one.text ?? one.id, make: (one) => (one.seen ? this.#reading(one.seen) : step(one)) });
    this.none.hidden = shown.length > 0 || this.kind === "happened";
    this.older.hidden = items.length <= this.#most && !(this.kind !== "happened" && this.#cursor);
    const rest = items.length - shown.length;
    this.older.textContent = rest > 0 && (this.kind === "happened" || !this.#cursor) ? t("beside.older_n", { n: rest }) : t("beside.older");
  }

  #reading(one) {
    const [kind, ...rest] = one.actor.split(":");
    const who = one.name ?? (rest.join(":") || term("sender", kind));
    const what = t(one.what === "listed" && one.conversation ? "beside.read_listed_talk" : `beside.read_${one.what}`, { name: one.what === "print" ? term("printed", one.of) : (one.of ?? "") });
    return h("li", { class: "seen" }, time(one.at), h("span", {}, icon("eye"), " ", what), h("span", { class: "muted" }, kind === "key" ? t("beside.by_key", { name: who }) : who));
  }
}

const time = (at) => h("time", { datetime: at, title: whole(at) }, moment(at));

function step(one) {
  return h("li", {}, time(one.at), h("span", {}, one.text), one.who ? h("span", { class: "muted" }, one.who) : null);
}

customElements.define("qt-trail", Trail);
