// Merging two cases of one customer under one number, and taking a merged case out again: what will happen is said before it is done.

import { get, post, Problem, query } from "./api.js";
import { h, opened, say } from "./dom.js";
import { day, moment } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const LONGEST = 240; // characters of what happened

/** Asks which case is meant if none is named, which number goes on, and why. Answers the case that goes on; null if nothing was done. */
export function merge(record, other = null, why = "") {
  return new Merging(record).ask(other, why);
}

class Merging {
  #looked = null; // what would come of it, as the gateway says
  #asked = 0;
  #sent = { words: "", key: "" }; // the same again under the same key: once

  constructor(record) {
    this.record = record;
  }

  ask(other, why) {
    this.which = h("input", { id: "merge-other", required: true, autocomplete: "off", placeholder: "C20261123-000421-4", "aria-describedby": "merge-wrong", value: other ?? "" });
    this.sides = h("div", { class: "sides" });
    this.what = h("div", { class: "outcome", "aria-live": "polite" });
    this.why = h("textarea", { id: "merge-reason", rows: "3", maxlength: "8000", required: true, "aria-describedby": "merge-wrong", value: why });
    this.wrong = h("p", { class: "said", id: "merge-wrong", role: "alert" });
    this.button = h("button", { type: "submit", class: "strong" }, t("merge.do"));
    const named = h("div", { class: "labelled", hidden: Boolean(other) }, h("label", { for: "merge-other" }, t("merge.other")), h("div", { class: "row start" }, this.which, h("button", { type: "button", on: { click: () => this.#look(this.which.value.trim(), this.record.id) } }, t("merge.look"))));
    this.rest = h("div", { class: "labelled", hidden: true }, this.sides, this.what, h("label", { for: "merge-reason" }, t("customer.reason")), this.why);
    const dialog = h(
      "dialog",
      { class: "wide", "aria-labelledby": "merge-title" },
      h("h2", { id: "merge-title" }, t("merge.title")),
      h(
        "form",
        { novalidate: true, on: { submit: (event) => this.#submit(event) } },
        named,
        this.rest,
        this.wrong,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), this.button),
      ),
    );
    const closed = opened(dialog);
    this.dialog = dialog;
    if (other) this.#look(other, this.record.id);
    return closed.then(() => this.done ?? null);
  }

  /** Two cases beside each other. The one that came first goes on, unless it can't or the agent says otherwise. */
  async #look(other, own, chosen = false) {
    if (!other) {
      say(this.wrong, t("pair.which"));
      this.which.focus();
      return;
    }
    const asked = ++this.#asked;
    this.button.disabled = true;
    try {
      let looked = await preview(own, other);
      if (!chosen && (looked.refused ? ["into_draft", "into_finished"].includes(looked.refused.code) : began(looked.into) > began(looked.case))) {
        const turned = await preview(looked.into.id, looked.case.id);
        if (!turned.refused || looked.refused?.code === "into_draft") looked = turned;
      }
      if (asked === this.#asked) this.#draw(looked);
    } catch (error) {
      if (asked === this.#asked) say(this.wrong, told(error));
    }
  }

  #draw(looked) {
    this.#looked = looked;
    const { case: gone, into, refused } = looked;
    const ordered = [gone, into].sort((one, other) => (one.id === this.record.id ? -1 : other.id === this.record.id ? 1 : 0));
    const focused = document.activeElement?.name === "merge-into";
    this.sides.replaceChildren(...ordered.map((one) => this.#side(one, one.id === into.id, ordered.find((each) => each !== one))));
    this.what.replaceChildren(h("h3", {}, t("merge.what")), h("ul", {}, outcome(looked).map((line) => h("li", {}, line))));
    this.what.hidden = Boolean(refused);
    this.rest.hidden = false;
    this.button.disabled = Boolean(refused);
    say(this.wrong, refused ? refusal(refused) : "");
    if (focused) this.sides.querySelector("input:checked")?.focus();
  }

  #side(one, stays, other) {
    const rows = [
      ["merge.status", term("status", one.status)],
      ["merge.customer", one.facts.name ?? one.contacts[0] ?? ""],
      ["merge.came", `${term("channels", one.channel)} · ${moment(one.received_at)}`],
      ["merge.due", one.feedback_due ? day(one.feedback_due) : t("empty")],
      ["merge.risk", term("risk", one.risk)],
      ["merge.happened", short(one.facts.what_happened)],
    ];
    const choose = () => this.#look(one.id, other.id, true);
    const radio = h("input", { type: "radio", name: "merge-into", checked: stays, disabled: !one.reference, on: { change: choose } });
    return h(
      "section",
      { class: `side ${stays ? "stays" : ""}`, "aria-label": name(one) },
      h("h3", {}, name(one)),
      h("label", { class: "check" }, radio, t("merge.goes_on")),
      h("dl", {}, rows.map(([key, value]) => h("div", {}, h("dt", {}, t(key)), h("dd", { lang: key === "merge.happened" ? one.language : null }, value || t("empty"))))),
    );
  }

  async #submit(event) {
    event.preventDefault();
    if (!this.#looked) return this.#look(this.which.value.trim(), this.record.id);
    const { case: gone, into } = this.#looked;
    if (!this.why.value.trim()) {
      say(this.wrong, t("customer.no_reason"));
      this.why.focus();
      return;
    }
    const body = { into: into.id, reason: this.why.value.trim(), version: gone.version, into_version: into.version };
    const words = JSON.stringify([gone.id, body]);
    if (words !== this.#sent.words) this.#sent = { words, key: crypto.randomUUID() };
    this.button.disabled = true;
    try {
      this.done = await post(`/cases/${gone.id}/merge`, body, this.#sent.key);
      this.dialog.close();
    } catch (error) {
      if (error instanceof Problem && error.status === 412) await this.#look(into.id, gone.id, true); // what has changed is shown, what was typed stays
      else this.button.disabled = false;
      say(this.wrong, error.status === 412 ? t("merge.moved_on") : error.code in SAID ? refusal(error) : told(error));
    }
  }
}

const preview = (one, into) => get(`/cases/${encodeURIComponent(one)}/merge${query({ into })}`);
const began = (one) => one.registered_at ?? "9999";
const name = (one) => one.reference ?? t("case.draft");
const short = (text) => (text && text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** What will happen, in words. */
function outcome({ case: gone, into, feedback_due: due, risk }) {
  const number = name(into);
  return [
    gone.reference ? t("merge.leads", { case: gone.reference, into: number }) : t("merge.leads_draft", { into: number }),
    due ? t(due === into.feedback_due ? "merge.due_stays" : "merge.due_earlier", { day: day(due) }) : null,
    risk !== into.risk ? t("merge.risk_becomes", { risk: term("risk", risk) }) : null,
    t("merge.facts_stay"),
    t("merge.moves"),
    t(gone.reference ? "merge.is_told" : "merge.is_told_draft", { into: number }),
    t("merge.can_be_undone"),
  ].filter(Boolean);
}

const SAID = Object.fromEntries(
  ["same_case", "merged_already", "into_merged", "into_draft", "into_finished", "finished", "proxy", "group", "offer_open", "settled", "whose_is_it", "other_customer", "too_many", "not_merged", "merged_further", "finished_meanwhile", "not_its_message"].map((code) => [code, true]),
);

/** Why not, in the agent's language. */
function refusal(problem) {
  const into = problem.into ?? problem.document?.into ?? "";
  return term("merge_refused", problem.code).replace("{into}", into);
}

// taking apart ---------------------------------------------------------------------------------------------------

/** Asks why a merged case goes its own way again, and what came meanwhile belongs to it. Answers the case; null if nothing was done. */
export async function takeApart(record) {
  const { into, standing } = await get(`/cases/${record.id}/merge`);
  const came = await since(record, into, standing.at);
  const boxes = came.map(({ conversation, message }) => h("input", { type: "checkbox", "data-conversation": conversation, value: message.id }));
  const why = h("textarea", { id: "apart-reason", rows: "3", maxlength: "8000", required: true, "aria-describedby": "apart-wrong" });
  const wrong = h("p", { class: "said", id: "apart-wrong", role: "alert" });
  const button = h("button", { type: "submit", class: "strong" }, t("merge.apart"));
  let done = null;
  const submit = async (event) => {
    event.preventDefault();
    if (!why.value.trim()) {
      say(wrong, t("customer.no_reason"));
      why.focus();
      return;
    }
    const messages = boxes.filter((box) => box.checked).map((box) => ({ conversation: box.dataset.conversation, message: box.value }));
    button.disabled = true;
    try {
      done = await post(`/cases/${record.id}/unmerge`, { reason: why.value.trim(), messages });
      dialog.close();
    } catch (error) {
      button.disabled = false;
      say(wrong, error.code in SAID ? refusal(error) : told(error));
    }
  };
  const status = term("status", standing.status_before);
  const due = record.feedback_due ? t("merge.apart_due", { day: day(record.feedback_due) }) : null;
  const lines = [t(record.reference ? "merge.apart_number" : "merge.apart_draft", { case: name(record), status }), due, t("merge.apart_stays", { into: into.reference }), t("merge.apart_told")];
  const dialog = h(
    "dialog",
    { "aria-labelledby": "apart-title" },
    h("h2", { id: "apart-title" }, t("merge.apart_title", { case: name(record), into: into.reference })),
    h("p", { class: "muted" }, t("merge.by", { name: standing.by, time: moment(standing.at), reason: standing.reason })),
    h("ul", { class: "outcome" }, lines.filter(Boolean).map((line) => h("li", {}, line))),
    h(
      "form",
      { novalidate: true, on: { submit, input: () => say(wrong, "") } },
      came.length ? h("fieldset", { class: "chosen" }, h("legend", {}, t("merge.apart_which")), came.map(({ message }, at) => h("label", { class: "check" }, boxes[at], h("span", {}, h("span", { class: "muted" }, moment(message.at)), " ", short(message.text))))) : null,
      h("label", { for: "apart-reason" }, t("customer.reason")),
      why,
      wrong,
      h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), button),
    ),
  );
  return opened(dialog).then(() => done);
}

/** What the customer has said since under the number that goes on, in the conversations of the merged case. */
async function since(record, into, at) {
  const found = await Promise.all(record.conversations.map((id) => get(`/conversations/${encodeURIComponent(id)}`)));
  const is = (one) => one.sender === "customer" && one.case === into.id && new Date(one.at) >= new Date(at);
  return found.flatMap((conversation) => conversation.messages.filter(is).map((message) => ({ conversation: conversation.id, message })));
}
