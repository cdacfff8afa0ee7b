// Calling a customer back: whom and when, what to say, what to ask; the answers go into the case as they are given.

import { CURRENCIES } from "./field.js";
import { h, icon } from "./dom.js";
import { percent, shortly } from "./formats.js";
import { t, term } from "./words.js";

/** The parts of a card; `body()` is what the agent has recorded. */
export function callBack(task) {
  const { detail } = task;
  const answers = [...detail.confirm.map((one) => new Answer(one, detail)), ...detail.questions.map((one) => new Answer(one, detail))];
  const vouched = h("input", { type: "checkbox", name: "vouched" });
  const nodes = [
    h(
      "p",
      { class: "whom" },
      icon("phone"),
      detail.number ? h("a", { href: `tel:${detail.number}` }, detail.number) : h("strong", {}, t("callback.no_number", { call: detail.call })),
      detail.name ? h("span", {}, detail.name) : null,
      h("span", { class: "tag" }, term("languages", detail.language)),
      detail.number && !detail.proved ? h("span", { class: "tag" }, t("callback.unproved")) : null,
      h("span", { class: "when" }, icon("clock"), t("callback.not_before", { when: shortly(task.next_at ?? detail.not_before) })),
    ),
    h("details", { open: !answers.length }, h("summary", {}, t("callback.say")), h("p", { class: "text", lang: detail.language }, task.words)),
    detail.confirm.length ? h("h3", {}, t("callback.confirm")) : null,
    answers.slice(0, detail.confirm.length).map((one) => one.node),
    detail.questions.length ? h("h3", {}, t("callback.ask")) : null,
    answers.slice(detail.confirm.length).map((one) => one.node),
    detail.number && !detail.proved ? h("label", { class: "tick" }, vouched, t("callback.vouch")) : null,
  ];
  return { nodes, body: () => recorded(answers, vouched) };
}

function recorded(answers, vouched) {
  const facts = Object.fromEntries(answers.filter((one) => one.given !== null).map((one) => [one.fact, one.given]));
  const declined = answers.filter((one) => one.declined).map((one) => one.fact);
  return { ...(Object.keys(facts).length ? { facts } : {}), ...(declined.length ? { declined } : {}), ...(vouched.checked ? { vouched: true } : {}) };
}

let last = 0;

class Answer {
  constructor({ fact, ask, confidence }, detail) {
    this.fact = fact;
    const id = `answer-${++last}`;
    const named = { id, name: fact, maxlength: 2000 };
    if (fact === "what_happened" || fact === "desired_outcome") this.input = h("textarea", { ...named, rows: 2 });
    else this.input = h("input", { ...named, inputmode: fact === "amount" ? "decimal" : null, placeholder: fact === "occurred_on" ? "2026-11-15" : null });
    const used = document.documentElement.dataset.currency;
    this.currency = fact === "amount" ? h("select", { "aria-label": t("case.currency") }, [...new Set([used, ...CURRENCIES])].map((one) => h("option", { value: one }, one))) : null;
    this.refused = h("input", { type: "checkbox", on: { change: () => (this.input.disabled = this.refused.checked) } });
    this.node = h(
      "div",
      { class: "answer" },
      h("label", { for: id }, term("facts", fact), confidence === undefined ? null : h("span", { class: "tag unsure" }, t("call.sure", { percent: percent(confidence) }))),
      h("p", { class: "question", lang: detail.language }, ask),
      h("div", { class: "row" }, this.currency, this.input),
      confidence === undefined ? h("label", { class: "tick" }, this.refused, t("callback.declined")) : h("p", { class: "hint" }, t("callback.if_right")),
    );
  }

  get declined() {
    return this.refused.checked;
  }

  get given() {
    const text = this.input.value.trim();
    if (!text || this.declined) return null;
    return this.currency ? { value: text.replaceAll(",", ""), currency: this.currency.value } : text;
  }
}
