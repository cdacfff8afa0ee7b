// What is held on a person: found by an address, handed out as a file, erased. Administrators alone come here.

import { download, get, post, Problem } from "./api.js";
import { fill, h, opened, say } from "./dom.js";
import { moment, today, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { t, term } from "./words.js";

const FIRST = 1_000; // milliseconds until an order that is open is looked at again, then twice as long each time
const LOOKS = 8;

class Persons extends HTMLElement {
  connectedCallback() {
    sheet("settings-persons.css");
    this.contact = h("input", { id: "person-contact", required: true, minlength: 3, maxlength: 320, autocomplete: "off", spellcheck: "false", "aria-describedby": "person-hint" });
    this.said = h("p", { class: "said", role: "alert" });
    this.found = h("div", { class: "found", "aria-live": "polite" });
    this.orders = h("div", {});
    const submit = (event) => {
      event.preventDefault();
      this.#find();
    };
    fill(
      this,
      h("h2", {}, t("settings_persons.title")),
      h("p", { class: "hint" }, t("settings_persons.what")),
      h("form", { on: { submit } }, h("label", { for: "person-contact" }, t("settings_persons.contact")), h("div", { class: "row start" }, this.contact, h("button", { type: "submit", class: "strong" }, t("settings_persons.find"))), h("p", { class: "hint", id: "person-hint" }, t("settings_persons.contact_hint"))),
      this.said,
      this.found,
      h("h3", {}, t("settings_persons.orders")),
      this.orders,
    );
    this.#listOrders();
  }

  disconnectedCallback() {
    clearTimeout(this.later);
  }

  /** `whose`: the names or the cases that are meant, where several people share the address. */
  async #find(whose = {}) {
    const asked = { contact: this.contact.value.trim(), ...whose };
    say(this.said, "");
    fill(this.found);
    try {
      this.#show(await post("/persons/find", asked), asked);
    } catch (error) {
      if (error instanceof Problem && error.code === "several_people") this.#choose(error.document.names);
      else say(this.said, told(error));
    }
  }

  /** Several people share the address: whose data is meant is said first. */
  #choose(names) {
    const one = ([name, cases]) => h("li", {}, h("button", { type: "button", on: { click: () => this.#find(name ? { names: [name] } : { cases }) } }, name || t("settings_persons.nameless")), h("span", { class: "muted" }, cases.join(t("list_comma"))));
    fill(this.found, h("p", {}, t("settings_persons.several")), h("ul", { class: "plain people" }, Object.entries(names).map(one)));
  }

  #show(person, asked) {
    if (!person.cases.length && !person.conversations) {
      const spoke = person.spoke_for.length ? h("p", { class: "empty" }, t("settings_persons.spoke_for", { cases: person.spoke_for.join(t("list_comma")) })) : null;
      fill(this.found, h("p", { class: "empty" }, t("settings_persons.nothing")), spoke);
      return;
    }
    const row = (one) =>
      h(
        "li",
        {},
        h("div", {}, h("a", { href: `/console/cases/${one.id}` }, one.reference ?? t("case.draft")), h("p", { class: "muted" }, [one.name, term("status", one.status)].filter(Boolean).join(" · "))),
        h("span", { class: "tag" }, one.erased ? t("settings_persons.erased") : one.kept ? t(`settings_persons.kept_${one.kept}`, { day: one.kept_until ? moment(one.kept_until) : "" }) : t("settings_persons.free")),
      );
    fill(
      this.found,
      h("h3", {}, person.names.join(t("list_comma")) || t("settings_persons.nameless")),
      h("p", { class: "muted" }, t("settings_persons.held", { addresses: person.addresses.join(t("list_comma")), cases: person.cases.length, conversations: person.conversations })),
      h("ul", { class: "plain" }, person.cases.map(row)),
      h("div", { class: "row start" }, h("button", { type: "button", class: "strong", on: { click: (event) => this.#export(asked, `person-${person.cases.find((one) => one.reference)?.reference ?? today()}.zip`, event.currentTarget) } }, t("settings_persons.export")), h("button", { type: "button", on: { click: () => this.#erase(person, asked) } }, t("settings_persons.erase"))),
      h("p", { class: "hint" }, t("settings_persons.export_hint")),
    );
  }

  /** The file comes by a request with a body, so that no address stands in a URL. */
  async #export(asked, name, button) {
    say(this.said, "");
    button.disabled = true;
    try {
      const url = URL.createObjectURL(await download("/persons/export", asked));
      h("a", { href: url, download: name }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      say(this.said, told(error));
    }
    button.disabled = false;
  }

  async #erase(person, asked) {
    const reason = h("textarea", { id: "person-reason", rows: 3, maxlength: 2000, required: true, "aria-describedby": "person-reason-hint" });
    const even = h("input", { type: "checkbox" });
    const said = h("p", { class: "said", role: "alert" });
    const done = h("button", { type: "submit", class: "strong" }, t("settings_persons.erase"));
    const submit = async (event) => {
      event.preventDefault();
      say(said, "");
      done.disabled = true;
      try {
        await post("/persons/erase", { ...asked, reason: reason.value.trim(), even_within_retention: even.checked });
        dialog.close();
        fill(this.found, h("p", {}, t("settings_persons.ordered")));
        await this.#listOrders();
      } catch (error) {
        const kept = error instanceof Problem && error.code === "must_be_kept" ? error.document.cases : null;
        const why = (one) => t(`settings_persons.kept_${one.why}`, { day: one.until ? moment(one.until) : "" });
        say(said, kept ? kept.map((one) => t("settings_persons.kept_case", { case: one.case, why: why(one) })).join(t("list_stop")) : told(error));
        done.disabled = false;
      }
    };
    const dialog = h(
      "dialog",
      { "aria-labelledby": "person-erase" },
      h(
        "form",
        { on: { submit } },
        h("h2", { id: "person-erase" }, t("settings_persons.erase")),
        h("p", {}, t("settings_persons.erase_what", { cases: person.cases.length, conversations: person.conversations })),
        h("label", { for: "person-reason" }, t("settings_persons.reason")),
        reason,
        h("p", { class: "hint", id: "person-reason-hint" }, t("settings_persons.reason_hint")),
        h("label", { class: "tick" }, even, t("settings_persons.even")),
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), done),
      ),
    );
    await opened(dialog);
  }

  /** What was ordered, looked at again while something of it is left to do. */
  async #listOrders(looks = 0) {
    clearTimeout(this.later);
    try {
      const { items } = await get("/persons/erasures");
      const row = (one) => h("li", {}, h("div", {}, h("span", {}, one.cases.join(t("list_comma")) || t("settings_persons.no_case")), h("p", { class: "muted" }, `${whole(one.at)} · ${one.reason}`)), h("span", { class: "tag" }, one.done_at ? t("settings_persons.done") : t("settings_persons.left", { n: one.left })));
      fill(this.orders, items.length ? h("ul", { class: "plain" }, items.map(row)) : h("p", { class: "empty" }, t("settings_persons.none")));
      if (looks < LOOKS && this.isConnected && items.some((one) => !one.done_at)) this.later = setTimeout(() => this.#listOrders(looks + 1), FIRST * 2 ** looks);
    } catch (error) {
      say(this.said, told(error));
    }
  }
}

customElements.define("qt-settings-persons", Persons);
