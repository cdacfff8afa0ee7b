// Entering a complaint that came by letter, over the counter or by telephone: one form, keyboard first, then the receipt.
//
// What was typed is kept in this tab until it is saved. One entry keeps its idempotency key over all tries, so that saving again
// after a lost connection enters nothing twice.

import { Problem, post, Unreachable, upload } from "./api.js";
import { fill, h, icon, say } from "./dom.js";
import { FilePicker } from "./files.js";
import { day, fromLocal, local } from "./formats.js";
import { told } from "./problems.js";
import { language, LANGUAGES, t, term } from "./words.js";

const KEPT = "qt.enter";
const CHANNELS = ["letter", "counter", "phone"];
const CURRENCIES = ["CNY", "HKD", "TWD", "USD", "EUR", "GBP", "JPY", "SGD", "AUD", "MOP"];
const FIVE = 5;
let last = 0;

class Enter extends HTMLElement {
  live = null;
  me = null;

  connectedCallback() {
    this.key = crypto.randomUUID();
    this.#form();
  }

  // the form -------------------------------------------------------------------------------------------------

  #form() {
    this.fields = {};
    this.scans = new FilePicker({ label: t("enter.files") });
    this.mandate = new FilePicker({ name: "mandate", label: t("enter.mandate") });
    this.said = h("p", { class: "said", role: "alert" });
    this.progress = h("p", { class: "muted", role: "status" });
    this.save = h("button", { type: "submit", class: "strong" }, t("enter.save"));
    this.form = h(
      "form",
      { class: "entry", novalidate: true, on: { submit: (event) => this.#submit(event), input: () => this.#keep(), keydown: (event) => this.#pressed(event) } },
      this.#channels(),
      h(
        "div",
        { class: "two" },
        this.#field("received_at", t("enter.received"), h("input", { type: "datetime-local", value: local(), max: local(new Date(Date.now() + 300_000)) }), { required: true }),
        this.#field("locale", t("enter.language"), this.#select(LANGUAGES, (one) => term("languages", one), language)),
      ),
      this.#field("what_happened", t("enter.what"), h("textarea", { rows: 6, maxlength: 50_000 }), { required: true }),
      h("h3", {}, t("enter.who")),
      h("div", { class: "two" }, this.#line("name", term("facts", "name"), { maxlength: 200, autocomplete: "off" }), this.#line("contact", term("facts", "contact"), { maxlength: 320, autocomplete: "off" })),
      this.#field("postal_address", t("enter.postal_address"), h("textarea", { rows: 2, maxlength: 500 })),
      this.#line("handed_in_by", t("enter.handed_in_by"), { maxlength: 200, autocomplete: "off" }),
      h("h3", {}, t("case.facts")),
      h("div", { class: "two" }, this.#line("about", term("facts", "about"), { maxlength: 2000 }), this.#line("occurred_on", term("facts", "occurred_on"), { maxlength: 200, placeholder: `2026-11-15 · ${t("enter.words")}` })),
      h("div", { class: "two" }, this.#amount(), this.#field("desired_outcome", term("facts", "desired_outcome"), h("textarea", { rows: 2, maxlength: 8000 }))),
      this.#proxy(),
      this.#group(),
      this.scans.node,
      this.said,
      h("div", { class: "row end" }, this.progress, h("button", { type: "button", class: "quiet", on: { click: () => this.#discard() } }, t("enter.discard")), h("span", { class: "hint only-wide" }, t("enter.keys")), this.save),
    );
    fill(this, h("div", { class: "scroll page" }, h("h2", { tabindex: "-1" }, t("enter.title")), h("p", { class: "muted" }, t("enter.about")), this.form));
    this.#restore();
    this.form.querySelector('[name="channel"]:checked').focus();
  }

  #field(name, label, input, { required = false } = {}) {
    input.id = `enter-${++last}`;
    input.name = name;
    if (required) input.required = true;
    const wrong = h("p", { class: "said", id: `${input.id}-said` });
    input.setAttribute("aria-describedby", wrong.id);
    this.fields[name] = { input, wrong };
    input.addEventListener("input", () => this.#mended(name));
    return h("div", { class: "input" }, h("label", { for: input.id }, label, required ? h("span", { class: "muted" }, ` ${t("enter.required")}`) : null), input, wrong);
  }

  #line(name, label, more = {}) {
    return this.#field(name, label, h("input", { type: "text", ...more }));
  }

  #select(values, word, chosen) {
    return h("select", {}, values.map((one) => h("option", { value: one, selected: one === chosen }, word(one))));
  }

  #channels() {
    const options = CHANNELS.map((one, at) => h("label", { class: "choice" }, h("input", { type: "radio", name: "channel", value: one, checked: at === 0 }), icon(one), term("channels", one)));
    return h("fieldset", { class: "choices" }, h("legend", {}, t("enter.channel")), options);
  }

  #amount() {
    const used = document.documentElement.dataset.currency;
    const known = CURRENCIES.includes(used) ? CURRENCIES : [used, ...CURRENCIES];
    this.currency = h("select", { name: "currency", "aria-label": t("case.currency") }, known.map((one) => h("option", { value: one, selected: one === used }, one)));
    const field = this.#line("amount", t("enter.amount"), { maxlength: 200, placeholder: `23000 · ${t("enter.words")}` });
    field.querySelector("input").before(this.currency);
    field.classList.add("with-currency");
    return field;
  }

  /** A part of the form that only some complaints have: shown when its box is ticked. */
  #part(name, label, ...content) {
    const inside = h("div", { class: "inside", hidden: true }, content);
    const box = h("input", { type: "checkbox", name, on: { change: () => (inside.hidden = !box.checked) } });
    this.fields[name] = { input: box, wrong: h("p"), inside };
    return h("section", { class: "part" }, h("label", { class: "tick" }, box, label), inside);
  }

  #proxy() {
    return this.#part(
      "proxy",
      t("enter.proxy"),
      h("div", { class: "two" }, this.#line("proxy.name", t("enter.proxy_name"), { maxlength: 200 }), this.#line("proxy.relation", t("enter.relation"), { maxlength: 200 })),
      h("div", { class: "two" }, this.#line("proxy.contact", t("enter.proxy_contact"), { maxlength: 320 }), this.#field("proxy.valid_until", t("enter.valid_until"), h("input", { type: "date" }))),
      this.mandate.node,
      h("p", { class: "hint" }, t("enter.no_mandate")),
    );
  }

  #group() {
    this.people = h("div", { class: "people" });
    this.more = h("button", { type: "button", on: { click: () => this.#person().querySelector("input").focus() } }, t("enter.add"));
    this.five = h("p", { class: "hint", role: "status" });
    const part = this.#part("group", t("enter.group"), this.#line("members", t("enter.members"), { inputmode: "numeric", maxlength: 7 }), h("h4", {}, t("enter.representatives")), this.people, this.five, this.more);
    this.#person();
    return part;
  }

  #person(name = "", contact = "") {
    const number = this.people.childElementCount + 1;
    const label = t("enter.representative", { n: number });
    const row = h(
      "div",
      { class: "two person" },
      h("div", { class: "input" }, h("input", { class: "name", "aria-label": label, placeholder: label, maxlength: 200, value: name })),
      h("div", { class: "input" }, h("input", { class: "contact", "aria-label": `${label}: ${t("enter.representative_contact")}`, placeholder: t("enter.representative_contact"), maxlength: 320, value: contact })),
    );
    this.people.append(row);
    this.more.hidden = number >= FIVE;
    say(this.five, number >= FIVE ? t("enter.five") : "");
    return row;
  }

  get #representatives() {
    const rows = [...this.people.children].map((row) => ({ name: row.querySelector(".name").value.trim(), contact: row.querySelector(".contact").value.trim() }));
    return rows.filter((one) => one.name || one.contact);
  }

  // what is kept ---------------------------------------------------------------------------------------------

  get #channel() {
    return this.form.querySelector('[name="channel"]:checked').value;
  }

  #keep() {
    const values = Object.fromEntries(Object.entries(this.fields).map(([name, { input }]) => [name, input.type === "checkbox" ? input.checked : input.value]));
    sessionStorage.setItem(KEPT, JSON.stringify({ values, channel: this.#channel, currency: this.currency.value, people: this.#representatives, key: this.key }));
  }

  #restore() {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    if (!kept) return;
    this.key = kept.key;
    this.form.querySelector(`[name="channel"][value="${CSS.escape(kept.channel)}"]`).checked = true;
    this.currency.value = kept.currency;
    for (const [name, value] of Object.entries(kept.values)) {
      const field = this.fields[name];
      if (!field) continue;
      if (field.input.type === "checkbox") {
        field.input.checked = value;
        field.inside.hidden = !value;
      } else field.input.value = value;
    }
    if (kept.people.length) {
      fill(this.people);
      kept.people.forEach((one) => this.#person(one.name, one.contact));
    }
    this.progress.textContent = t("enter.kept");
  }

  #forget() {
    sessionStorage.removeItem(KEPT);
    this.key = crypto.randomUUID();
  }

  #discard() {
    this.#forget();
    this.#form();
  }

  // saving ---------------------------------------------------------------------------------------------------

  #pressed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      this.form.requestSubmit();
    }
  }

  #body() {
    const body = new FormData();
    const text = (name) => this.fields[name].input.value.trim();
    body.set("channel", this.#channel);
    body.set("received_at", text("received_at") ? fromLocal(text("received_at")) : "");
    for (const name of ["locale", "what_happened", "name", "contact", "postal_address", "handed_in_by", "about", "occurred_on", "desired_outcome"]) if (text(name)) body.set(name, text(name));
    const amount = text("amount");
    if (amount) {
      const figure = amount.replaceAll(/[,\s]/g, "");
      if (/^\d+(\.\d{1,2})?$/.test(figure)) {
        body.set("amount.value", figure);
        body.set("amount.currency", this.currency.value);
      } else body.set("amount.value", amount); // in the customer's words
    }
    if (this.fields.proxy.input.checked) {
      const proxy = Object.fromEntries(["name", "relation", "contact", "valid_until"].map((name) => [name, text(`proxy.${name}`)]).filter(([, value]) => value));
      body.set("proxy", JSON.stringify(proxy));
      this.mandate.into(body);
    }
    if (this.fields.group.input.checked) {
      if (text("members")) body.set("members", text("members"));
      body.set("representatives", JSON.stringify(this.#representatives));
    }
    this.scans.into(body);
    return body;
  }

  async #submit(event) {
    event.preventDefault();
    this.#mark([]);
    if (this.save.disabled || !this.#complete()) return;
    this.save.disabled = true;
    this.said.textContent = "";
    try {
      const receipt = await upload("/intake", this.#body(), this.key, (part) => say(this.progress, t("enter.sending", { percent: Math.floor(part * 100) })));
      const channel = this.#channel;
      this.#forget();
      this.#done(receipt, channel);
    } catch (error) {
      this.#failed(error);
    } finally {
      this.save.disabled = false;
      this.progress.textContent = "";
    }
  }

  #complete() {
    const wrong = Object.entries(this.fields).filter(([, { input }]) => input.required && !input.value.trim());
    this.#mark(wrong.map(([name]) => ({ field: name, detail: t("enter.missing") })));
    return !wrong.length && this.scans.fits && this.mandate.fits;
  }

  #failed(error) {
    if (error instanceof Problem && error.code === "idempotency_key_reused") {
      this.key = crypto.randomUUID();
      this.said.textContent = t("enter.saved_before");
    } else if (error instanceof Unreachable) {
      this.said.textContent = `${told(error)} ${t("enter.unsure")}`;
    } else if (error instanceof Problem && error.document.errors) {
      this.#mark(error.document.errors);
    } else {
      this.said.textContent = told(error);
    }
  }

  /** Says beside each field what is wrong with it; the first of them is where the writing goes on. */
  #mark(errors) {
    for (const { input, wrong } of Object.values(this.fields)) {
      input.removeAttribute("aria-invalid");
      say(wrong, "");
    }
    const elsewhere = [];
    const placed = errors.map((one) => {
      const field = this.fields[one.field];
      if (!field || field.inside) return elsewhere.push(one.field ? `${one.field}: ${one.detail}` : one.detail) && null;
      field.input.setAttribute("aria-invalid", "true");
      say(field.wrong, one.detail);
      return field.input;
    });
    this.said.textContent = errors.length ? [t("enter.wrong"), ...elsewhere].join(" ") : "";
    placed.find(Boolean)?.focus();
  }

  /** Who has changed what was wrong sees no reproach any more; whether it is right is told when it is saved. */
  #mended(name) {
    const { input, wrong } = this.fields[name];
    if (!input.hasAttribute("aria-invalid")) return;
    input.removeAttribute("aria-invalid");
    say(wrong, "");
    if (!this.form.querySelector('[aria-invalid="true"]')) say(this.said, "");
  }

  // saved ----------------------------------------------------------------------------------------------------

  #done(receipt, channel) {
    const given = h("button", { type: "button", on: { click: () => this.#given(receipt, given) } }, t("enter.given"));
    const print = h("a", { class: "button strong", href: `/api/v1/cases/${receipt.reference}/receipt.pdf`, target: "_blank", rel: "noopener" }, t("enter.print"));
    const again = h("button", { type: "button", on: { click: () => this.#form() } }, t("enter.another"));
    fill(
      this,
      h(
        "div",
        { class: "scroll page" },
        h(
          "section",
          { class: "card registered", role: "status" },
          h("p", { class: "muted" }, icon(channel), t("enter.done")),
          h("p", { class: "big reference" }, receipt.reference),
          receipt.feedback_due ? h("p", {}, t("enter.due", { day: day(receipt.feedback_due) })) : null,
          h("div", { class: "row start" }, print, given, (this.opens = h("a", { class: "button", href: `/console/cases/${receipt.reference}` }, t("enter.open"))), again),
          (this.said = h("p", { class: "said", role: "alert" })),
        ),
      ),
    );
    print.focus();
  }

  async #given(receipt, button) {
    button.disabled = true;
    try {
      await post(`/cases/${receipt.reference}/receipt`, {});
      button.replaceWith(h("span", { class: "good" }, icon("check"), t("enter.given_done")));
      this.opens.focus();
    } catch (error) {
      button.disabled = false;
      this.said.textContent = told(error);
    }
  }
}

customElements.define("qt-enter", Enter);
