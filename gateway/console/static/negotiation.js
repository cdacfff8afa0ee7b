// Solutions offered to a customer, round by round, what was said to them, and what was agreed with its performance.
//
// Dialogs come when they are opened (negotiation-dialogs.js).

import { get, post } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { day, left, moment, shortly, whole } from "./formats.js";
import { told } from "./problems.js";
import { language, t, term } from "./words.js";

const OPEN = ["filed", "in_progress", "waiting_for_customer"];

export class Negotiation {
  /** `record()` is the case now; `changed()` has it fetched again. */
  constructor(record, changed) {
    this.record = record;
    this.changed = changed;
    this.known = null;
    this.node = h("section", { class: "negotiation", "aria-label": t("negotiation.title") });
    this.said = h("p", { class: "said", role: "alert" });
  }

  async load() {
    const { id } = this.record();
    const known = await get(`/cases/${id}/negotiation`).catch(() => null);
    if (!known || this.record()?.id !== id) return;
    this.known = known;
    const sign = JSON.stringify([known.offers, known.settlements, this.record().status]);
    if (this.sign === sign) return;
    this.sign = sign;
    this.#render();
  }

  #render() {
    const { offers, settlements } = this.known;
    const open = OPEN.includes(this.record().status);
    const standing = offers.find((one) => one.state === "open");
    const focused = this.node.contains(document.activeElement) && document.activeElement.dataset.act;
    fill(
      this.node,
      h("h3", {}, t("negotiation.title")),
      settlements.map((one) => this.#settlement(one)),
      offers.length ? h("ol", { class: "rounds" }, [...offers].reverse().map((one) => this.#round(one))) : h("p", { class: "muted" }, t(open ? "negotiation.none" : "negotiation.no_case")),
      h(
        "div",
        { class: "row start" },
        open ? this.#button("offer", offers.length ? "negotiation.again" : "negotiation.offer") : null,
        standing ? [this.#button("answer", "negotiation.answer", standing), this.#button("withdraw", "negotiation.withdraw", standing)] : null,
      ),
      this.said,
    );
    if (focused) (this.node.querySelector(`[data-act="${focused}"]`) ?? this.node.querySelector("button"))?.focus({ preventScroll: true });
  }

  #button(act, label, about = null) {
    return h("button", { type: "button", "data-act": act, on: { click: () => this.#open(act, about) } }, t(label));
  }

  async #open(act, about) {
    const { id } = this.record();
    const { open } = await import("./negotiation-dialogs.js");
    if (this.record()?.id === id) open(act, this, about);
  }

  #round(one) {
    const tag = { open: "", agreed: "good" }[one.state] ?? "muted";
    const { record } = this;
    return h(
      "li",
      { class: "round" },
      h(
        "p",
        { class: "tags" },
        h("strong", {}, t("negotiation.round", { n: one.round })),
        h("span", { class: `tag ${tag}` }, term("offer_state", one.state)),
        one.state === "open" ? h("span", { class: "tag" }, t("negotiation.until", { day: day(one.expires_on) })) : null,
        one.state === "open" ? h("span", { class: "tag" }, t(one.by_bot ? "negotiation.bot" : "negotiation.own")) : null,
      ),
      h(
        "ol",
        { class: "options", lang: record().language },
        one.options.map((option, at) => h("li", {}, h("strong", {}, option.title), one.chosen === at + 1 ? h("span", { class: "tag unsure" }, t("negotiation.chosen")) : null, h("p", {}, option.meaning), h("p", { class: "muted", lang: language }, days(option)))),
      ),
      one.answers.length
        ? h(
            "ul",
            { class: "answers" },
            one.answers.map((answer) => h("li", {}, h("time", { datetime: answer.at, title: whole(answer.at) }, moment(answer.at)), " ", term("answer_kind", answer.kind), answer.option ? ` ${answer.option}` : "", " ", h("q", { lang: record().language }, answer.words))),
          )
        : null,
      h("p", { class: "muted" }, t("negotiation.by", { name: who(one.offered_by), day: shortly(one.offered_at) })),
    );
  }

  #settlement(one) {
    const done = one.performed_on;
    const state = done ? ["good", t("negotiation.done_on", { day: day(done) })] : one.overdue ? ["bad", t("negotiation.overdue")] : ["", left(one.due_on)];
    return h(
      "article",
      { class: `settlement ${done ? "done" : one.overdue ? "over" : ""}` },
      h("p", { class: "tags" }, icon("check"), h("strong", { lang: one.language }, one.option.title), h("span", { class: `tag ${state[0]}` }, state[1])),
      h("p", { lang: one.language }, one.option.meaning),
      h("p", { class: "muted" }, t("negotiation.due", { day: day(one.due_on) })),
      h("p", { class: "muted" }, t("negotiation.agreed_on", { day: shortly(one.confirmed_at), way: term("channels", one.way) }), " ", h("q", { lang: one.language }, one.words)),
      one.calendar_gap ? h("p", { class: "flag" }, icon("alert"), t("negotiation.gap")) : null,
      one.note ? h("p", { class: "muted" }, one.note) : null,
      h(
        "div",
        { class: "row start" },
        h("a", { class: "button", href: `/api/v1/settlements/${one.id}/settlement.pdf`, target: "_blank", rel: "noopener" }, t("negotiation.print")),
        done ? this.#button("not_performed", "negotiation.not_performed", one) : this.#button("performed", "negotiation.performed", one),
      ),
    );
  }

  /** Sends a change and has everything fetched again. */
  async send(path, body, key) {
    const answer = await post(path, body, key);
    await this.changed();
    return answer;
  }

  /** What went wrong outside a dialog. */
  failed(error) {
    this.said.textContent = told(error);
  }
}

const days = (option) => (option.days ? t("negotiation.days", { n: option.days }) : t("negotiation.same_day"));

function who(actor) {
  const [kind, ...name] = actor.split(":");
  return name.length ? name.join(":") : term("sender", kind);
}
