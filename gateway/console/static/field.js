// One field of a case record, shown and corrected in its place.

import { get, patch, Problem } from "./api.js";
import { fill, h, icon, nothingHasFocus } from "./dom.js";
import { told } from "./problems.js";
import { tellAfar } from "./toast.js";
import { t, term } from "./words.js";

export const CURRENCIES = ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "MOP"];
let last = 0;

export class Field {
  /** `kind` is line, long, money, choice or several; `record()` the record now; `took(record)` is called with the new one. */
  constructor({ name, kind, record, took, fact = false, options = [], nullable = fact, show = null, why = () => null, link = null, placeholder = null, proof = () => null }) {
    Object.assign(this, { name, kind, record, took, fact, options, nullable, show, why, link, placeholder, proof });
    this.id = `field-${++last}`;
    this.label = term(fact ? "facts" : "fields", name);
    this.value = h("dd", { class: kind === "long" ? "long" : "" });
    this.node = h("div", { class: "field" }, h("dt", { id: `${this.id}-label` }, this.label), this.value);
    this.editing = false;
  }

  get #now() {
    return this.fact ? this.record().facts[this.name] : this.record()[this.name];
  }

  update() {
    if (this.editing) return;
    const sign = JSON.stringify([this.#now, this.proof(), this.record().words, this.record().evidence?.[this.name], this.record().judgement, this.record().corrected, this.record().declined]);
    if (sign === this.sign && !this.fresh) return;
    this.sign = sign;
    this.fresh = false;
    const shown = this.#shown(this.#now);
    this.edit = h("button", { type: "button", class: "quiet edit", "aria-label": t("case.edit", { field: this.label }), title: t("case.edit", { field: this.label }), on: { click: () => this.open() } }, icon("edit"));
    const stood = this.value.contains(document.activeElement);
    fill(
      this.value,
      h("div", { class: "value" }, shown ? (this.link ? h("a", { href: this.link(this.#now) }, shown) : h("span", { lang: this.fact ? this.record().language : null }, shown)) : h("span", { class: "muted" }, "—"), this.edit),
      this.why(),
    );
    if (stood) this.edit.focus({ preventScroll: true }); // what is known of a field may come after whoever has corrected it stands here again
  }

  #shown(value) {
    if (this.show) return this.show(value);
    if (this.kind === "choice") return this.#options().find(([one]) => one === value)?.[1] ?? value;
    if (this.kind === "several") return (value ?? []).map((one) => term("facts", one)).join(t("list_comma"));
    return value ?? "";
  }

  #options() {
    return typeof this.options === "function" ? this.options() : this.options;
  }

  open() {
    this.editing = true;
    this.base = this.record().version;
    this.before = this.#now;
    this.said = h("p", { class: "said", role: "alert" });
    const inputs = this.#inputs();
    this.form = h(
      "form",
      { class: "edit", on: { submit: (event) => this.#save(event), keydown: (event) => this.#key(event) } },
      inputs,
      this.said,
      h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t("save"))),
    );
    fill(this.value, this.form);
    this.form.querySelector("input, select, textarea").focus();
  }

  /** Enter saves (in a long text with Ctrl or ⌘), Esc leaves. */
  #key(event) {
    if (event.key === "Escape") this.close();
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey || event.target.matches("select"))) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  close() {
    this.editing = false;
    this.fresh = true;
    this.update();
    this.edit.focus();
  }

  #inputs() {
    const named = { "aria-labelledby": `${this.id}-label`, name: this.name };
    const value = this.#now;
    if (this.kind === "choice") {
      return h("select", named, this.#options().map(([one, label]) => h("option", { value: one, selected: one === (value ?? "") }, label)));
    }
    if (this.kind === "several") {
      return this.#options().map(([one, label]) => h("label", { class: "tick" }, h("input", { type: "checkbox", name: one, checked: (value ?? []).includes(one) }), label));
    }
    if (this.kind === "money") {
      const used = value?.currency ?? document.documentElement.dataset.currency;
      const known = CURRENCIES.includes(used) ? CURRENCIES : [used, ...CURRENCIES];
      return h(
        "div",
        { class: "row" },
        h("select", { name: "currency", "aria-label": t("case.currency") }, known.map((one) => h("option", { value: one, selected: one === used }, one))),
        h("input", { ...named, inputmode: "decimal", value: value?.value ?? "" }),
      );
    }
    if (this.kind === "long") return h("textarea", { ...named, rows: 5, value: value ?? "" });
    return h("input", { ...named, value: value ?? "", placeholder: this.placeholder });
  }

  #typed() {
    const form = this.form.elements;
    if (this.kind === "several") return this.#options().map(([one]) => one).filter((one) => form[one].checked);
    const text = form[this.name].value.trim();
    if (!text && (this.nullable || this.kind !== "choice")) return null;
    if (this.kind === "money") return { value: text.replaceAll(",", ""), currency: form.currency.value };
    return text;
  }

  async #save(event) {
    event.preventDefault();
    const typed = this.#typed();
    const body = this.fact ? { facts: { [this.name]: typed } } : { [this.name]: typed };
    const submit = this.form.querySelector('[type="submit"]');
    const { id, reference } = this.record();
    submit.disabled = true;
    this.said.textContent = "";
    try {
      const record = await patch(`/cases/${id}`, this.base, body);
      this.editing = false;
      this.fresh = true;
      const shown = this.took(record);
      if (nothingHasFocus()) this.edit.focus();
      await shown;
    } catch (error) {
      if (this.record()?.id !== id) tellAfar({ reference }, told(error));
      else if (error instanceof Problem && error.status === 412) await this.#changedMeanwhile(id);
      else this.said.textContent = told(error);
    } finally {
      submit.disabled = false;
    }
  }

  /** Somebody was quicker: what it is now is shown, what was typed stays, and saving again is on purpose. */
  async #changedMeanwhile(id) {
    const record = await get(`/cases/${id}`).catch(() => null);
    if (record === null || this.record()?.id !== id) return;
    const now = this.fact ? record.facts[this.name] : record[this.name];
    this.base = record.version;
    const same = JSON.stringify(now) === JSON.stringify(this.before);
    this.said.textContent = same ? t("case.changed_elsewhere") : t("case.changed_here", { value: this.#shown(now) || "—" });
    await this.took(record);
  }
}
