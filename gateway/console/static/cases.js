// The list of cases: first what is due, then any by filter or search, page by page.

import { call, get, Problem, query } from "./api.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { day, daysLeft, left, moment, whole } from "./formats.js";
import { bind } from "./keys.js";
import * as teams from "./teams.js";
import { told } from "./problems.js";
import { Views, VIEWS } from "./views.js";
import { t, term } from "./words.js";

const PAGE = 50;
const FILTERS = {
  status: ["draft", "filed", "in_progress", "waiting_for_customer", "resolved", "closed", "withdrawn"],
  category: ["service", "product", "violation", "other"],
  risk: ["minor", "general", "major"],
};
const OPEN = ["draft", "filed", "in_progress", "waiting_for_customer"];

/** What is chosen and is no choice any more, a closed team or somebody who has left, still filters: it is shown, so that it can be undone. */
const lacking = (values, now) => (now && !values.includes(now) ? [[now, now]] : []);

class Cases extends HTMLElement {
  live = null;
  me = null;
  agents = [];
  open = () => {};
  selected = null;
  #items = [];
  #cursor = null;
  #asked = 0;

  connectedCallback() {
    this.chosen = JSON.parse(sessionStorage.getItem("qt.cases") ?? '{"view":"due"}');
    const select = (name, options) => {
      const now = this.chosen[name] ?? "";
      return h(
        "select",
        { name, "aria-label": t(`cases.${name}`), on: { change: (event) => this.#choose({ [name]: event.target.value }) } },
        [["", t(`cases.any_${name}`)], ...options, ...lacking(options.map(([value]) => value), now)].map(([value, label]) => h("option", { value, selected: value === now }, label)),
      );
    };
    this.search = h("input", { type: "search", placeholder: t("cases.search"), "aria-label": t("cases.search"), value: this.chosen.q ?? "", on: { input: () => this.#typed() } });
    this.views = new Views({ live: this.live, me: this.me, chosen: (what) => this.#see(what) });
    this.actions = h("p", { class: "actions" });
    this.filters = h(
      "div",
      { class: "filters" },
      Object.entries(FILTERS).map(([name, values]) => select(name, values.map((value) => [value, term(name, value)]))),
      this.me.teams.length || this.chosen.team ? select("team", teams.choices(this.me)) : null,
      select("assignee", [["me", t("cases.me")], ...this.agents.filter((one) => one.username !== this.me.username).map((one) => [one.username, one.name])]),
      select("held", [["yes", t("cases.held")]]),
    );
    this.list = h("ul", { class: "rows" });
    this.empty = h("p", { class: "empty" }, t("loading"));
    this.more = h("button", { type: "button", class: "quiet more", hidden: true, on: { click: () => this.#page(false) } }, t("more"));
    fill(this, this.views.node, h("div", { class: "filter" }, this.search), this.filters, this.actions, h("div", { class: "scroll", tabindex: "-1" }, this.list, this.empty, this.more));
    this.letGo = bind({ "/": () => this.search.focus(), j: () => this.#step(1), k: () => this.#step(-1) });
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.#reload);
    import("./bulk.js").then(({ choosesCases }) => this.isConnected && (this.choosing = choosesCases(this, () => this.#items.find((one) => this.#here(one))?.id)) && this.#render(), console.error);
    this.#renderViews();
    this.views.start().then(() => this.#renderViews()); // the names of saved lists are here now
    this.#page(true);
  }

  disconnectedCallback() {
    this.letGo();
    this.choosing?.stop();
    this.views.stop();
    clearTimeout(this.timer);
    clearTimeout(this.later);
    this.live.shows({ listed: [] });
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.#reload);
  }

  // one case that changed is fetched alone; where it belongs now only a new look at the first page tells
  #changed = async ({ detail }) => {
    const lists = detail.kind === "lists" && detail.id === "cases";
    if (detail.kind !== "case" && !lists) return;
    const at = this.#items.findIndex((one) => one.id === detail.id);
    if (at >= 0 && this.#items[at].version === detail.version) return;
    if (at < 0) {
      this.later ??= setTimeout(() => this.#fresh(), 1_500); // where something changes all the time, it is not put off for ever
      return;
    }
    const record = await call("GET", `/cases/${detail.id}`, undefined, { Masked: "list" }).catch(() => null);
    const now = this.#items.findIndex((one) => one.id === detail.id);
    if (record && now >= 0) {
      this.#items[now] = record;
      this.#render();
    }
  };

  #reload = () => this.#fresh();

  async #fresh() {
    this.later = null;
    if (this.#items.length <= PAGE) await this.#page(true);
  }

  #renderViews() {
    const { view, ...values } = this.chosen;
    this.views.show(view);
    this.filters.hidden = this.#isView && !this.chosen.q;
    fill(this.actions, this.filters.hidden ? null : this.views.actions(values, view));
  }

  /** Whether one of the house's own lists is shown, and not what was filtered or searched for. */
  get #isView() {
    return VIEWS.includes(this.chosen.view);
  }

  /** Shows a view, all cases, or what somebody saved. */
  #see(what) {
    if (typeof what === "string") {
      this.#choose({ view: what });
      return;
    }
    const none = Object.fromEntries([...Object.keys(FILTERS), "team", "held", "assignee", "q"].map((name) => [name, ""]));
    const chosen = { ...none, ...what.chosen };
    for (const select of this.filters.querySelectorAll("select")) {
      const now = chosen[select.name] ?? "";
      select.append(...lacking([...select.options].map((one) => one.value), now).map(([value, label]) => h("option", { value }, label)));
      select.value = now;
    }
    this.search.value = chosen.q;
    this.#choose({ ...chosen, view: what.id });
  }

  #typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#choose({ q: this.search.value.trim() }), 250);
  }

  #choose(values) {
    Object.assign(this.chosen, values);
    // what is chosen beside a saved list is that list no more
    const saved = this.views.one(this.chosen.view);
    if (saved && !("view" in values)) this.chosen.view = "all";
    sessionStorage.setItem("qt.cases", JSON.stringify(this.chosen));
    this.#renderViews();
    this.#page(true);
  }

  async #page(first) {
    const asked = ++this.#asked;
    const { view, q, ...filters } = this.chosen;
    const due = this.#isView && !q;
    const values = due ? { view } : { ...filters, q };
    try {
      const found = await get(`${due ? "/due" : "/cases"}${query({ ...values, limit: PAGE, cursor: first ? null : this.#cursor })}`);
      if (asked !== this.#asked) return;
      const known = new Set(first ? [] : this.#items.map((one) => one.id));
      this.#items = first ? found.items : [...this.#items, ...found.items.filter((one) => !known.has(one.id))];
      this.#cursor = found.next_cursor;
      this.more.hidden = this.#cursor === null;
      this.#render();
      say(this.empty, t(due ? (view === "due" ? "cases.nothing_due" : "cases.nothing_in_view") : "cases.nothing_found"));
    } catch (error) {
      if (asked !== this.#asked) return;
      if (error instanceof Problem && error.code === "mistyped_reference") {
        this.#items = []; // what was found before is not what is searched for
        this.more.hidden = true;
        this.#render();
      }
      this.empty.hidden = false;
      say(this.empty, told(error));
    }
  }

  select(key) {
    this.selected = key;
    this.#render();
  }

  #render() {
    this.live.shows({ listed: this.#items.map((one) => one.id) });
    this.empty.hidden = this.#items.length > 0;
    keyed(this.list, this.#items, {
      key: (one) => one.id,
      signature: (one) => `${one.version} ${this.#here(one)} ${Boolean(this.choosing)}`,
      make: (one) => this.#row(one),
    });
    this.choosing?.update(this.#items, JSON.stringify(this.chosen));
  }

  #here(one) {
    return this.selected !== null && [one.id, one.reference].includes(this.selected);
  }

  #row(one) {
    const due = one.feedback_due && OPEN.includes(one.status);
    const days = due ? daysLeft(one.feedback_due) : null;
    return h(
      "li",
      {},
      this.choosing?.box(one),
      h(
        "a",
        { href: `/console/cases/${one.id}`, "aria-current": this.#here(one) ? "true" : null },
        h(
          "span",
          { class: "top" },
          icon(one.channel, term("channels", one.channel)),
          h("span", { class: "who" }, one.facts.name ?? t("conversation.nameless")),
          due
            ? h("span", { class: `left ${days < 0 ? "over" : days <= 2 ? "soon" : ""}`, title: day(one.feedback_due) }, left(one.feedback_due))
            : h("time", { datetime: one.updated_at, title: whole(one.updated_at) }, moment(one.updated_at)),
        ),
        h("span", { class: "said", lang: one.language }, (one.facts.what_happened ?? "").slice(0, 160)),
        h(
          "span",
          { class: "tags" },
          one.reference ? h("span", { class: "tag reference" }, one.reference) : null,
          h("span", { class: `tag status ${one.status}` }, one.merged_into ? t("merge.is_under", { into: one.merged_into }) : term("status", one.status)),
          one.risk !== "minor" ? h("span", { class: `tag risk ${one.risk}` }, term("risk", one.risk)) : null,
          h("span", { class: "tag" }, term("category", one.category)),
          teams.tag(this.me, one.team),
          one.held_since ? h("span", { class: "tag" }, t("cases.held")) : null,
          one.assignee ? h("span", { class: "tag" }, this.agents.find((agent) => agent.username === one.assignee)?.name ?? one.assignee) : null,
        ),
      ),
    );
  }

  #step(by) {
    const at = this.#items.findIndex((one) => this.#here(one));
    const next = this.#items[at < 0 ? 0 : Math.min(this.#items.length - 1, Math.max(0, at + by))];
    if (next) this.open(next.id);
  }
}

customElements.define("qt-cases", Cases);
