// Who a case's customer is, by proof: identities on other channels, their other cases, and strangers who have named this one. Cases that
// only name the same address stand apart: nobody has proved whose it is.
// An agent may decide that a stranger is the customer, or that an identity is not; both ask for the reason, which is kept.

import { get, post } from "./api.js";
import { fill, h, icon, opened } from "./dom.js";
import { day, moment, money, whole } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const OVER = ["resolved", "closed", "withdrawn"];

class Customer extends HTMLElement {
  #key = null;

  /** Shows the customer of a case; `record` is the case. */
  async show(record) {
    const sign = `${record.id} ${record.version}`;
    if (sign === this.#key) return;
    this.#key = sign;
    try {
      const found = await get(`/cases/${record.id}/customer`);
      if (this.#key === sign) this.#draw(record, found);
    } catch {
      if (this.#key === sign) fill(this);
    }
  }

  #draw(record, { identities, cases, strangers, maybe }) {
    const elsewhere = identities.filter((one) => !record.contacts.includes(one.address) || one.proof !== "first"); // the rest stands above
    this.hidden = !elsewhere.length && !cases.length && !strangers.length && !maybe.length;
    const of = (over) => cases.filter((one) => OVER.includes(one.status) === over);
    const list = (title, found) => (found.length ? [h("p", { class: "muted" }, t(title)), h("ul", { class: "their-cases" }, found.map((one) => this.#other(one)))] : null);
    fill(
      this,
      elsewhere.length ? [h("h3", {}, t("customer.title")), h("ul", { class: "contacts" }, elsewhere.map((one) => this.#identity(record, one, identities.length)))] : null,
      cases.length ? [h("h3", {}, t("customer.cases")), list("beside.open_cases", of(false)), list("beside.done_cases", of(true))] : null,
      maybe.length ? h("div", { class: "maybe" }, h("h3", {}, icon("alert"), " ", t("beside.maybe")), h("ul", { class: "their-cases" }, maybe.map((one) => this.#other(one, one.address)))) : null,
      strangers.length ? h("ul", { class: "strangers" }, strangers.map((one) => this.#stranger(record, one))) : null,
    );
  }

  #identity(record, one, count) {
    const chat = one.address.startsWith("chat:");
    return h(
      "li",
      {},
      chat ? h("a", { class: "address", href: `/console/conversations/${one.address.slice(5)}` }, t("customer.chat")) : h("span", { class: "address" }, one.address),
      h("span", { class: "tag good", title: whole(one.at) }, term("customer_proof", one.proof)),
      count > 1 ? this.#button("customer.part", () => this.#ask("part", record, { address: one.address })) : null,
    );
  }

  #other(one, address = null) {
    const over = OVER.includes(one.status);
    const when = over ? t("beside.finished", { at: moment(one.updated_at) }) : one.feedback_due ? t("beside.due_on", { day: day(one.feedback_due) }) : "";
    const facts = [term("category", one.category), money(one.amount), one.about, t("beside.came", { at: moment(one.received_at) }), when].filter(Boolean).join(" · ");
    return h(
      "li",
      {},
      h("a", { href: `/console/cases/${one.id}` }, one.reference ?? t("case.draft")),
      h("span", { class: `tag status ${one.status}` }, [term("status", one.status), term("outcome", one.outcome)].filter(Boolean).join(" · ")),
      h("span", { class: "muted" }, facts),
      address ? h("span", { class: "why" }, t("beside.maybe_why", { address })) : null,
    );
  }

  #stranger(record, one) {
    return h(
      "li",
      {},
      h("p", {}, t("customer.stranger", { sender: one.sender ?? "?" })),
      h("a", { href: `/console/conversations/${one.conversation}` }, one.subject || t("case.to_conversation")),
      this.#button("customer.join", () => this.#ask("join", record, { conversation: one.conversation })),
    );
  }

  #button(key, click) {
    return h("button", { type: "button", class: "small", on: { click } }, t(key));
  }

  /** Asks for the reason, then decides; the dialog stays with what went wrong. */
  #ask(what, record, told_) {
    const reason = h("textarea", { rows: "3", required: true, id: "customer-reason", "aria-describedby": "customer-wrong", on: { input: () => (wrong.textContent = "") } });
    const wrong = h("p", { class: "said", id: "customer-wrong", role: "alert" });
    const decide = async (event) => {
      event.preventDefault();
      if (!reason.value.trim()) {
        wrong.textContent = t("customer.no_reason");
        reason.focus();
        return;
      }
      try {
        const found = await post(`/cases/${record.id}/customer/${what}`, { ...told_, reason: reason.value });
        dialog.close();
        this.#draw(record, found);
        if (document.activeElement === document.body) this.querySelector("a, button")?.focus(); // its button has been decided away
      } catch (error) {
        wrong.textContent = told(error);
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "customer-ask" },
      h(
        "form",
        { novalidate: true, on: { submit: decide } },
        h("h2", { id: "customer-ask" }, t(`customer.ask_${what}`)),
        h("p", {}, t(`customer.ask_${what}_text`)),
        h("label", { for: "customer-reason" }, t("customer.reason")),
        reason,
        wrong,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { class: "strong" }, t(`customer.${what}`))),
      ),
    );
    opened(dialog);
  }
}

customElements.define("qt-customer", Customer);
