// Surges of complaints and hot spots, open and over; and the emergency that a supervisor declares by hand.

import { get, Order, post, Problem } from "./api.js";
import { fill, h, opened, say } from "./dom.js";
import { moment, shortly } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { what } from "./watch.js";
import { room, t } from "./words.js";

const SCOPES = ["house", "about", "cases"];

class Surges extends HTMLElement {
  order = new Order();
  #notes = new Map(); // what was being written when the list was made anew

  async connectedCallback() {
    sheet("supervise-surges.css");
    this.writes = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    this.emergency = h("div", { class: "emergencies" });
    this.list = h("div", { class: "surges" });
    fill(this, h("h2", {}, t("supervise_surges.title")), h("p", { class: "hint" }, t("supervise_surges.about")), this.emergency, this.list);
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.load);
    await room("watch");
    this.load();
  }

  disconnectedCallback() {
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.load);
  }

  #changed = ({ detail }) => ["surge", "emergency"].includes(detail.kind) && this.load();

  load = async () => {
    const turn = this.order.ask();
    try {
      const [lasting, all] = await Promise.all([get("/emergency?state=lasting"), get("/surges")]);
      if (this.order.isLate(turn)) return;
      this.#emergencies(lasting.items);
      this.#surges(all.items);
    } catch (error) {
      fill(this.list, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  };

  // emergencies ----------------------------------------------------------------------------------------------

  #emergencies(items) {
    const card = (one) =>
      h(
        "li",
        { class: "card declared" },
        h("p", { class: "meta" }, h("strong", {}, one.about ?? (one.cases.length ? one.cases.map((reference) => [h("a", { href: `/console/cases/${reference}` }, reference), " "]) : t("supervise_surges.scope_house"))), h("span", { class: "muted" }, t("watch.by", { name: one.declared_by, time: moment(one.declared_at) }))),
        h("p", { class: "text" }, one.reason),
        this.writes ? h("div", {}, h("button", { type: "button", on: { click: () => this.#end(one) } }, t("supervise_surges.end"))) : null,
      );
    fill(
      this.emergency,
      h("h3", {}, t("supervise_surges.emergency")),
      items.length ? h("ul", { class: "cards" }, items.map(card)) : h("p", { class: "muted" }, t("supervise_surges.no_emergency")),
      this.writes ? h("div", {}, h("button", { type: "button", on: { click: () => this.#declare() } }, t("supervise_surges.declare"))) : null,
    );
  }

  #declare() {
    const scope = h("select", { id: "emergency-scope", on: { change: () => arrange() } }, SCOPES.map((one) => h("option", { value: one }, t(`supervise_surges.scope_${one}`))));
    const about = h("input", { id: "emergency-about", maxlength: 160 });
    const cases = h("textarea", { id: "emergency-cases", rows: 3, maxlength: 4000 });
    const reason = h("textarea", { id: "emergency-reason", rows: 3, maxlength: 2000 });
    const part = (field, key) => h("div", {}, h("label", { for: field.id }, t(`supervise_surges.${key}`)), field);
    const parts = { about: part(about, "about_what"), cases: part(cases, "which_cases") };
    const arrange = () => Object.entries(parts).forEach(([name, node]) => (node.hidden = scope.value !== name));
    arrange();
    const body = () => {
      const more = { house: {}, about: { about: about.value.trim() }, cases: { cases: cases.value.split(/[\s,]+/).filter(Boolean) } }[scope.value];
      return { scope: scope.value, reason: reason.value.trim(), ...more };
    };
    const first = () => [[reason, reason.value], [about, scope.value !== "about" || about.value], [cases, scope.value !== "cases" || cases.value]].find(([, filled]) => !String(filled).trim());
    this.#ask("declare_sure", [part(scope, "scope"), parts.about, parts.cases, part(reason, "reason"), h("p", { class: "hint" }, t("supervise_surges.told_everybody"))], first, () => post("/emergency", body()));
  }

  #end(one) {
    const note = h("textarea", { id: "emergency-note", rows: 3, maxlength: 2000 });
    this.#ask("end_sure", [h("label", { for: note.id }, t("supervise_surges.end_note")), note], () => (note.value.trim() ? null : [note]), () => post(`/emergency/${one.id}/end`, { note: note.value.trim() }));
  }

  /** A dialog with fields; `missing` answers which is to be filled in yet. */
  #ask(title, fields, missing, send) {
    const problem = h("p", { class: "said", role: "alert" });
    const submit = async (event) => {
      event.preventDefault();
      const lacks = missing();
      if (lacks) return lacks[0].focus();
      try {
        await send();
        dialog.close();
        this.load();
      } catch (error) {
        const known = error instanceof Problem && (error.code === "lasting" ? "lasting" : error.document.errors?.[0].field === "cases" ? "unknown_cases" : null);
        say(problem, known ? t(`supervise_surges.${known}`) : told(error));
      }
    };
    const dialog = h("dialog", { "aria-labelledby": "ask-title" }, h("h2", { id: "ask-title" }, t(`supervise_surges.${title}`)), h("form", { novalidate: true, on: { submit } }, fields, problem, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t(`supervise_surges.${title}`)))));
    opened(dialog);
  }

  // surges ---------------------------------------------------------------------------------------------------

  #surges(items) {
    const now = items.filter((one) => !one.ended_at);
    const past = items.filter((one) => one.ended_at);
    const list = (these) => h("ul", { class: "cards" }, these.map((one) => this.#card(one)));
    const writing = this.list.querySelector("input:focus")?.dataset.id;
    fill(this.list, h("h3", {}, t("supervise_surges.now")), now.length ? list(now) : h("p", { class: "muted" }, t("supervise_surges.none_now")), past.length ? [h("h3", {}, t("supervise_surges.past")), list(past)] : null);
    if (writing) this.list.querySelector(`input[data-id="${CSS.escape(writing)}"]`)?.focus();
  }

  #card(one) {
    const usual = one.usual === null ? t("supervise_surges.usual_unknown") : t("supervise_surges.usual", { n: one.usual });
    const when = one.ended_at ? t("supervise_surges.over", { from: shortly(one.started_at), to: shortly(one.ended_at) }) : t("supervise_surges.since", { time: moment(one.started_at) });
    const figures = [one.customers === null ? null : t("supervise_surges.customers_n", { n: one.customers }), one.ended_at || one.customers !== null ? null : t("supervise_surges.count", { n: one.count }), t("supervise_surges.peak", { n: one.peak, time: moment(one.peak_at) }), usual, t("supervise_surges.threshold", { n: one.threshold })];
    return h(
      "li",
      { class: `card${one.ended_at || one.acknowledged_at ? "" : " unseen-note"}`, "data-surge": `${one.dimension}:${one.value}` },
      h("p", { class: "meta" }, h("strong", {}, what(one)), h("span", { class: `tag${one.ended_at ? "" : " reason"}` }, t(`watch.${one.kind}`)), h("span", { class: "tag" }, t(`supervise_surges.${one.span}`)), h("span", { class: "muted" }, when)),
      h("p", {}, figures.filter(Boolean).join(" · ")),
      one.cases.length ? h("details", {}, h("summary", {}, t("supervise_surges.cases")), h("p", { class: "tags" }, one.cases.map(({ id, reference }) => h("a", { class: "tag", href: `/console/cases/${id}` }, reference ?? t("supervise_surges.draft"))))) : null,
      one.acknowledged_at ? h("p", { class: "muted" }, t("supervise_surges.acknowledged", { name: one.acknowledged_by, time: shortly(one.acknowledged_at), note: one.note })) : this.writes ? this.#form(one) : null,
    );
  }

  #form(one) {
    const note = h("input", { type: "text", maxlength: 2000, "data-id": one.id, "aria-label": t("supervise_surges.note"), placeholder: t("supervise_surges.note"), value: this.#notes.get(one.id) ?? "", on: { input: () => this.#notes.set(one.id, note.value) } });
    const problem = h("p", { class: "said", role: "alert" });
    const acknowledge = async (event) => {
      event.preventDefault();
      if (!note.value.trim()) return note.focus();
      try {
        await post(`/surges/${one.id}/acknowledge`, { note: note.value.trim() });
        this.#notes.delete(one.id);
        note.blur();
        this.load();
      } catch (error) {
        say(problem, error instanceof Problem && error.code === "acknowledged" ? t("supervise_surges.taken", { name: error.document.by }) : told(error));
      }
    };
    return h("form", { class: "row acknowledging", on: { submit: acknowledge } }, note, h("button", { type: "submit" }, t("supervise_surges.acknowledge")), problem);
  }
}

customElements.define("qt-supervise-surges", Surges);
