// The lists of cases that agents work from, each with how many it holds; and lists they have saved.
//
// The numbers come from the server together and are fetched again when something changed: how long a list is, a page doesn't know.

import { call, get, Order, post } from "./api.js";
import { confirmed, h, keyed, noticed, opened, say } from "./dom.js";
import { told } from "./problems.js";
import { t } from "./words.js";

export const VIEWS = ["due", "overdue", "due_soon", "mine", "team", "unassigned", "high_risk", "possible_duplicate"];
const CALLS = ["overdue", "high_risk"]; // these stand out while anything is in them
const QUIET = 700; // several changes come together
const TICK = 60_000; // what was due becomes overdue while nobody does anything

export class Views {
  /** `chosen` is called with what somebody wants to see: a view of `VIEWS`, "all", or a saved list. */
  constructor({ live, me, chosen }) {
    Object.assign(this, { live, me, chosen });
    this.saved = [];
    this.counts = null;
    this.order = new Order();
    this.node = h("div", { class: "views", role: "group", "aria-label": t("cases.views") });
  }

  start() {
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.load);
    this.ticking = setInterval(this.load, TICK);
    return this.load();
  }

  stop() {
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.load);
    clearInterval(this.ticking);
    clearTimeout(this.later);
  }

  #changed = ({ detail }) => {
    if (detail.kind !== "case" && !(detail.kind === "lists" && detail.id === "cases")) return;
    this.later ??= setTimeout(() => {
      this.later = null;
      this.load();
    }, QUIET);
  };

  load = async () => {
    const turn = this.order.ask();
    const found = await get("/views").catch(() => null); // numbers that are a minute old do no harm
    if (!found || this.order.isLate(turn)) return;
    this.counts = found.counts;
    this.saved = found.items;
    this.show(this.shown);
  };

  get #supervises() {
    return this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  }

  one(id) {
    return this.saved.find((saved) => saved.id === id);
  }

  show(shown) {
    this.shown = shown;
    const views = VIEWS.filter((view) => view !== "team" || this.me.teams.some((one) => one.mine));
    const items = [...views.map((view) => ({ id: view, label: t(view === "team" ? "teams.mine" : `cases.${view}`), count: this.counts?.[view] ?? null })), ...this.saved.map((one) => ({ id: one.id, label: one.name, saved: one })), { id: "all", label: t("cases.all") }];
    keyed(this.node, items, { key: (one) => one.id, signature: (one) => JSON.stringify([one, one.id === shown]), make: (one) => this.#button(one) });
  }

  #button({ id, label, count = null, saved }) {
    const calls = CALLS.includes(id) && count > 0;
    return h(
      "button",
      { type: "button", "data-view": id, class: calls ? "calls" : "", "aria-pressed": String(id === this.shown), title: saved?.owner_name ? t("cases.saved_by", { name: saved.owner_name }) : null, on: { click: () => this.chosen(saved ?? id) } },
      h("span", {}, label),
      count === null ? null : h("span", { class: "count" }, String(count)),
    );
  }

  // saved lists ----------------------------------------------------------------------------------------------

  /** What may be done with what is chosen now: saving it, or removing the list that it is. */
  actions(values, savedId) {
    const one = this.one(savedId);
    if (one && (one.owner_name === null || this.#supervises)) {
      return h("button", { type: "button", class: "link", "data-writes": true, on: { click: () => this.#remove(one) } }, t("cases.remove_list"));
    }
    if (one || !Object.values(values).some(Boolean)) return null;
    return h("button", { type: "button", class: "link", "data-writes": true, on: { click: () => this.#save(values) } }, t("cases.save_list"));
  }

  async #remove(one) {
    if (!(await confirmed(t("cases.remove_sure", { name: one.name }), t("cases.remove_list"), t("cancel")))) return;
    try {
      await call("DELETE", `/views/${one.id}`);
    } catch (error) {
      await noticed(told(error), t("close"));
    }
    await this.load();
    if (!this.one(one.id)) this.chosen("all");
  }

  #save(values) {
    const name = h("input", { id: "list-name", maxlength: 60, "aria-describedby": "list-said" });
    const shared = h("input", { type: "checkbox", id: "list-shared" });
    const said = h("p", { class: "said", id: "list-said", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      if (!name.value.trim()) {
        say(said, t("cases.list_name_needed"));
        name.focus();
        return;
      }
      try {
        const kept = await post("/views", { name: name.value.trim(), chosen: Object.fromEntries(Object.entries(values).filter(([, value]) => value)), shared: shared.checked });
        dialog.close();
        await this.load();
        this.chosen(kept);
      } catch (error) {
        say(said, ["name_taken", "too_many"].includes(error.code) ? t(`cases.list_${error.code}`) : told(error));
        name.focus();
      }
    };
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "list-title" },
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("h2", { id: "list-title" }, t("cases.save_list")),
        h("label", { for: "list-name" }, t("cases.list_name")),
        name,
        this.#supervises ? h("label", { class: "tick" }, shared, t("cases.list_shared")) : null,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t("save"))),
      ),
    );
    opened(dialog);
  }
}
