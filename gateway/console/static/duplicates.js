// Cases that may tell the same matter: what agrees, what differs, and the agent's decision. Merging is a step of its own (merging.js).

import { get, post } from "./api.js";
import { fill, h, icon, opened } from "./dom.js";
import { reason } from "./evidence.js";
import { moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const OVER = ["resolved", "closed", "withdrawn"];
const LONGEST = 60; // characters of what one side says

class Duplicates extends HTMLElement {
  #key = null;

  /** Shows the pairs of a case. */
  async show(record) {
    const sign = `${record.id} ${record.version}`;
    if (sign === this.#key) return;
    if (this.record?.id !== record.id) fill(this);
    this.#key = sign;
    this.record = record;
    try {
      const { items } = await get(`/cases/${record.id}/duplicates`);
      if (this.#key === sign) this.#draw(items);
    } catch {
      if (this.#key === sign) fill(this);
    }
  }

  #draw(items) {
    const of = (state) => items.filter((one) => one.state === state);
    const named = this.record.possible_duplicate_of;
    const byHand = named && !items.some((one) => one.reference === named);
    const others = of("different");
    const focused = this.contains(document.activeElement);
    // what is the same as it is shown is left as it is: whoever has opened something, or is about to press, goes on there
    const drawn = JSON.stringify([items, this.record.id, this.record.reference, this.record.status, this.record.merged_into, named]);
    if (drawn === this.drawn && this.childElementCount) return;
    this.drawn = drawn;
    const unfolded = this.querySelector("details.others-told")?.open;
    fill(
      this,
      byHand ? h("p", { class: "flag" }, t("case.duplicate"), " ", h("a", { href: `/console/cases/${named}` }, named)) : null,
      h("ul", { class: "pairs", "aria-label": t("pair.title") }, of("same").map((one) => this.#decided(one)), of("suggested").map((one) => this.#suggested(one))),
      others.length ? h("details", { class: "others-told", open: unfolded }, h("summary", {}, t("pair.others", { n: others.length })), h("ul", { class: "pairs" }, others.map((one) => this.#decided(one)))) : null,
      this.record.reference ? h("p", {}, h("button", { type: "button", class: "link", on: { click: () => this.#ask(null) } }, t("pair.name"))) : null,
      this.#mergeable(this.record) ? h("p", {}, h("button", { type: "button", class: "link", on: { click: () => this.#merge(null) } }, t("merge.another"))) : null,
    );
    if (focused) this.querySelector("a, button")?.focus();
  }

  #mergeable(one) {
    return !OVER.includes(one.status) && !one.merged_into;
  }

  /** The way to merge with one of a pair, where both still go on. */
  #merging(one) {
    return this.#mergeable(this.record) && this.#mergeable(one) ? h("button", { type: "button", class: "small", on: { click: () => this.#merge(one) } }, t("merge.open")) : null;
  }

  async #merge(one) {
    const { record } = this;
    const { merge } = await import("./merging.js");
    const done = await merge(record, one?.case ?? null, one ? one.agrees.map(sentence).join(t("list_stop")) : "");
    if (done) this.dispatchEvent(new CustomEvent("merged", { bubbles: true }));
  }

  #head(one, words) {
    const over = OVER.includes(one.status);
    return [
      h("p", { class: "pair-head" }, h("span", {}, words), " ", h("a", { href: `/console/cases/${one.case}` }, one.reference ?? t("case.draft"))),
      h(
        "p",
        { class: "muted" },
        [one.customer, term("channels", one.channel), t("pair.came", { time: moment(one.received_at) })].filter(Boolean).join(" · "),
        " ",
        one.merged_into && one.merged_into !== this.record.reference ? [h("a", { href: `/console/cases/${one.merged_into}` }, t("merge.is_under", { into: one.merged_into })), " "] : null,
        h("span", { class: `tag ${over ? "good" : ""}` }, over ? [t("pair.over"), term("status", one.status), one.outcome ? term("outcome", one.outcome) : ""].filter(Boolean).join(" · ") : term("status", one.status)),
      ),
    ];
  }

  #suggested(one) {
    return h(
      "li",
      { class: "pair suggested", "data-case": one.case },
      this.#head(one, t(`pair.${one.strength}`)),
      this.#points(one),
      h(
        "div",
        { class: "row start" },
        h("button", { type: "button", class: "small", on: { click: () => this.#compare(one) } }, t("beside.compare")),
        h("button", { type: "button", class: "small", on: { click: () => this.#ask(one) } }, t("pair.same")),
        h("button", { type: "button", class: "small", on: { click: (event) => this.#different(one, event.target) } }, t("pair.different")),
        this.#merging(one),
      ),
    );
  }

  #decided(one) {
    const same = one.state === "same";
    return h(
      "li",
      { class: `pair ${one.state}`, "data-case": one.case },
      this.#head(one, t(same ? "pair.is_same" : "pair.is_different")),
      h("p", { class: "evidence" }, t("pair.decided", { name: one.decided_by ?? "", reason: one.reason ?? t("pair.no_reason") }), " ", h("time", { datetime: one.decided_at, title: whole(one.decided_at) }, moment(one.decided_at))),
      h("details", {}, h("summary", {}, t("pair.compared")), this.#points(one)),
      h(
        "div",
        { class: "row start" },
        h("button", { type: "button", class: "link", on: { click: () => this.#compare(one) } }, t("beside.compare")),
        same ? this.#merging(one) : null,
        h("button", { type: "button", class: "link", on: { click: (event) => (same ? this.#different(one, event.target) : this.#ask(one)) } }, t(same ? "pair.different" : "pair.same")),
      ),
    );
  }

  /** Both in full; what is decided there is decided as it is here. */
  async #compare(one) {
    const { compare } = await import("./comparing.js");
    const decisions = [
      one.state === "different" ? null : ["pair.different", () => this.#different(one, this.#button(one))],
      one.state === "same" ? null : ["pair.same", () => this.#ask(one), true],
      this.#mergeable(this.record) && this.#mergeable(one) ? ["merge.open", () => this.#merge(one)] : null,
    ];
    await compare(this.record, one, { sentence, decisions: decisions.filter(Boolean) });
  }

  #button(one) {
    return this.querySelector(`[data-case="${CSS.escape(one.case)}"] .row button`);
  }

  #points(one) {
    const line = (mark) => (point) => h("li", { class: mark }, icon(mark === "agrees" ? "check" : "close", t(`pair.${mark}`)), h("span", {}, sentence(point)));
    return h("ul", { class: "points" }, one.agrees.map(line("agrees")), one.differs.map(line("differs")));
  }

  async #different(one, button) {
    const { record } = this;
    button.disabled = true;
    try {
      this.#took(record, await post(`/cases/${record.id}/duplicates`, { other: one.case, same: false }));
    } catch (error) {
      button.disabled = false;
      button.after(h("p", { class: "said", role: "alert" }, told(error)));
    }
  }

  /** What a decision has answered with, where its case is still shown; what was asked before it is drawn no more. */
  #took(record, { items }) {
    if (this.record.id !== record.id) return;
    this.#key = null;
    this.#draw(items);
  }

  /** Asks for the reason, and for the case where none was suggested; the dialog stays with what went wrong. */
  #ask(one) {
    const { record } = this;
    const other = one ? null : h("input", { id: "pair-other", required: true, placeholder: "C20261123-000421-4" });
    const why = h("textarea", { id: "pair-reason", rows: "3", required: true, "aria-describedby": "pair-wrong", value: one ? one.agrees.map(sentence).join(t("list_stop")) : "" });
    const wrong = h("p", { class: "said", id: "pair-wrong", role: "alert" });
    const decide = async (event) => {
      event.preventDefault();
      const empty = [other, why].find((field) => field && !field.value.trim());
      if (empty) {
        wrong.textContent = t(empty === other ? "pair.which" : "customer.no_reason");
        empty.focus();
        return;
      }
      try {
        const found = await post(`/cases/${record.id}/duplicates`, { other: one?.case ?? other.value.trim(), same: true, reason: why.value.trim() });
        dialog.close();
        this.#took(record, found);
        if (document.activeElement === document.body) this.querySelector("a, button")?.focus();
      } catch (error) {
        wrong.textContent = told(error);
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "pair-ask" },
      h(
        "form",
        { novalidate: true, on: { submit: decide, input: () => (wrong.textContent = "") } },
        h("h2", { id: "pair-ask" }, t("pair.ask", { reference: one?.reference ?? "" })),
        h("p", {}, t("pair.ask_text")),
        other ? [h("label", { for: "pair-other" }, t("pair.other")), other] : null,
        h("label", { for: "pair-reason" }, t("customer.reason")),
        why,
        wrong,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { class: "strong" }, t("pair.same"))),
      ),
    );
    opened(dialog);
  }
}

/** One thing that agrees or differs, in words. */
function sentence({ about, here, there }) {
  const side = (value) => {
    const text = about.endsWith("topic") ? reason(value ?? "") : about.endsWith("subject") ? (value ?? "").split(" ").map((one) => term("subjects", one)).join(t("list_comma")) : (value ?? "");
    return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
  };
  const both = here === there || !there ? side(here) : t("pair.both", { here: side(here), there: side(there) });
  return t(`pair_point.${about}`, { both });
}

customElements.define("qt-duplicates", Duplicates);
