// The result with which an answer resolves its case: outcome, what it rests on and what happens next (handbook 6.1.3).
//
// What was written is kept in this tab until it is used: a session that ends in the middle costs no words.

import { post } from "./api.js";
import { fill, h, opened, say } from "./dom.js";
import { advise } from "./hints.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const OUTCOMES = ["solved", "partly_solved", "not_solved"];

/** Asks for the result. Answers `{outcome, basis, next_steps}`, null for none. */
export function askResult({ record, conversation, text }) {
  return new Promise((answer) => {
    const place = `qt.result.${record.id}`;
    const kept = JSON.parse(sessionStorage.getItem(place) ?? "null") ?? { outcome: record.outcome ?? "", basis: record.basis ?? "", next_steps: record.next_steps ?? "" };
    const said = h("p", { class: "said", id: "result-said", role: "alert" });
    const shown = h("div", { class: "preview", "aria-live": "polite" });
    const outcome = h("select", { id: "result-outcome" }, [["", "—"], ...OUTCOMES.map((one) => [one, term("outcome", one)])].map(([value, label]) => h("option", { value, selected: value === kept.outcome }, label)));
    const field = (name) => h("textarea", { id: `result-${name}`, rows: 2, maxlength: 2000, value: kept[name] });
    const basis = field("basis");
    const next = field("next_steps");
    const boxes = new Map([basis, next].map((node) => [node, h("div", { class: "advice" })]));
    const values = () => ({ outcome: outcome.value, basis: basis.value.trim(), next_steps: next.value.trim() });
    const typed = ({ target }) => {
      sessionStorage.setItem(place, JSON.stringify(values()));
      fill(shown);
      if (boxes.has(target)) advise(target, boxes.get(target), conversation);
    };
    /** The values, or null after saying what is missing. */
    const whole = () => {
      for (const [node, key] of [[outcome, "outcome_needed"], [basis, "basis_needed"], [next, "next_needed"]]) {
        const missing = !node.value.trim();
        if (missing) node.setAttribute("aria-invalid", "true");
        else node.removeAttribute("aria-invalid");
        if (!missing) continue;
        say(said, t(`sending.${key}`));
        node.focus();
        return null;
      }
      say(said, "");
      return values();
    };
    const preview = async () => {
      const result = whole();
      if (!result) return;
      try {
        const found = await post(`/conversations/${conversation.id}/messages/preview`, { text, then: { status: "resolved", ...result } });
        fill(shown, h("figure", {}, h("p", { class: "text", lang: conversation.language }, found.text)));
      } catch (error) {
        say(said, told(error));
      }
    };
    const submit = (event) => {
      event.preventDefault();
      const result = whole();
      if (!result) return;
      sessionStorage.removeItem(place);
      chosen = result;
      dialog.close();
    };
    let chosen = null;
    const dialog = h(
      "dialog",
      { "aria-labelledby": "result-title" },
      h(
        "form",
        { novalidate: true, on: { submit, input: typed } },
        h("h2", { id: "result-title" }, t("sending.resolve_title", { reference: record.reference })),
        h("p", { class: "muted" }, t("sending.resolve_about")),
        h("label", { for: outcome.id }, t("status_form.outcome")),
        outcome,
        h("label", { for: basis.id }, t("status_form.basis")),
        basis,
        boxes.get(basis),
        h("label", { for: next.id }, t("status_form.next_steps")),
        next,
        boxes.get(next),
        shown,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "button", on: { click: preview } }, t("sending.preview")), h("button", { type: "submit", class: "strong" }, t("sending.resolve"))),
      ),
    );
    opened(dialog).then(() => answer(chosen));
    outcome.focus();
  });
}
