// How far a case has come, with what the customer is told of it: result, basis and next steps (handbook 6.1.3).
//
// What was written is kept in this tab until it is saved: a session that ends in the middle costs no words.

import { get, patch, post, Problem } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { advise } from "./hints.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const STATES = ["filed", "in_progress", "waiting_for_customer", "resolved", "closed"]; // a withdrawal has a day, a way and a person: see papers.js
const WITH_RESULT = ["resolved", "closed"];

export class StatusDialog {
  constructor(record, took) {
    this.record = record;
    this.took = took;
  }

  open() {
    const { record } = this;
    const first = record.status === "draft" ? "filed" : record.status;
    const input = (name, key, value, required) => {
      const node = h("textarea", { id: `status-${name}`, name, rows: 3, value: value ?? "" });
      return { node, label: h("label", { for: node.id }, t(`status_form.${key}`), required ? h("span", { class: "muted" }, ` ${t("status_form.required")}`) : null) };
    };
    this.status = h("select", { id: "status-status", on: { change: () => this.#arrange() } }, [...STATES, ...(record.status === "withdrawn" ? ["withdrawn"] : [])].map((one) => h("option", { value: one, selected: one === first }, term("status", one))));
    this.outcome = h("select", { id: "status-outcome" }, [["", "—"], ...["solved", "partly_solved", "not_solved"].map((one) => [one, term("outcome", one)])].map(([one, label]) => h("option", { value: one, selected: one === (record.outcome ?? "") }, label)));
    const basis = input("basis", "basis", record.basis, true);
    const next = input("next", "next_steps", record.next_steps, true);
    const note = input("note", "note", "", true);
    this.noteNeeded = note.label.querySelector("span");
    Object.assign(this, { basis: basis.node, next: next.node, note: note.node });
    this.withResult = h("div", { class: "with-result" }, h("label", { for: "status-outcome" }, t("status_form.outcome"), h("span", { class: "muted" }, ` ${t("status_form.required")}`)), this.outcome, basis.label, basis.node, next.label, next.node);
    this.noteHint = h("p", { class: "hint" });
    this.advice = h("div", { class: "advice" });
    this.preview = h("div", { class: "preview", "aria-live": "polite" });
    this.said = h("p", { class: "said", role: "alert" });
    this.save = h("button", { type: "submit", class: "strong" }, t("save"));
    this.dialog = h(
      "dialog",
      { "aria-labelledby": "status-title" },
      h(
        "form",
        { on: { submit: (event) => this.#submit(event), input: (event) => this.#typed(event) } },
        h("h2", { id: "status-title" }, record.reference ?? t("case.draft")),
        h("label", { for: "status-status" }, term("fields", "status")),
        this.status,
        this.withResult,
        note.label,
        note.node,
        this.advice,
        this.noteHint,
        this.preview,
        this.said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.#cancel() } }, t("cancel")), h("button", { type: "button", on: { click: () => this.#preview() } }, t("status_form.preview")), this.save),
      ),
    );
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.#restore();
    this.#arrange();
  }

  get #place() {
    return `qt.status.${this.record.id}`;
  }

  get #inputs() {
    return [this.status, this.outcome, this.basis, this.next, this.note];
  }

  #keep() {
    sessionStorage.setItem(this.#place, JSON.stringify(this.#inputs.map((node) => node.value)));
  }

  #typed({ target }) {
    this.#keep();
    if (target === this.note) advise(this.note, this.advice, this.record);
  }

  #restore() {
    const kept = JSON.parse(sessionStorage.getItem(this.#place) ?? "[]");
    kept.forEach((value, at) => (this.#inputs[at].value = value));
  }

  #cancel() {
    sessionStorage.removeItem(this.#place);
    this.dialog.close();
  }

  get #finishes() {
    return WITH_RESULT.includes(this.status.value);
  }

  #arrange() {
    this.withResult.hidden = !this.#finishes;
    for (const node of [this.outcome, this.basis, this.next, this.note]) node.required = this.#finishes;
    this.note.required = this.#finishes || this.status.value === "waiting_for_customer";
    this.noteNeeded.hidden = !this.note.required;
    this.noteHint.textContent = t(`status_form.hint_${this.#finishes ? "result" : this.status.value === "waiting_for_customer" ? "question" : "note"}`);
    fill(this.preview);
  }

  #body() {
    const body = {};
    if (this.status.value !== this.record.status) body.status = this.status.value;
    if (this.#finishes) Object.assign(body, { outcome: this.outcome.value || null, basis: this.basis.value.trim() || null, next_steps: this.next.value.trim() || null });
    if (this.note.value.trim()) body.note = this.note.value.trim();
    return body;
  }

  /** What the customer would be told, and by which way: found by doing it and undoing it. */
  async #preview() {
    this.said.textContent = "";
    if (!this.dialog.querySelector("form").reportValidity()) return;
    try {
      const { items } = await post(`/cases/${this.record.id}/preview`, this.#body());
      fill(this.preview, items.length ? items.map((one) => this.#told(one)) : h("p", { class: "muted" }, t("status_form.nothing")));
    } catch (error) {
      this.said.textContent = told(error);
    }
  }

  #told(one) {
    const way = h("p", { class: "muted" }, icon(one.way === "webchat" ? "webchat" : one.way), [term("way", one.way), one.address].filter(Boolean).join(" · "));
    return h("figure", {}, h("figcaption", {}, way, one.subject ? h("strong", {}, one.subject) : null), h("p", { class: "text" }, one.text));
  }

  async #submit(event) {
    event.preventDefault();
    this.save.disabled = true;
    this.said.textContent = "";
    try {
      const record = await patch(`/cases/${this.record.id}`, this.record.version, this.#body());
      this.#cancel();
      await this.took(record);
    } catch (error) {
      if (error instanceof Problem && error.status === 412) {
        this.record = (await get(`/cases/${this.record.id}`).catch(() => null)) ?? this.record;
        this.said.textContent = t("status_form.changed", { status: term("status", this.record.status) });
      } else {
        this.said.textContent = told(error);
      }
    } finally {
      this.save.disabled = false;
    }
  }
}
