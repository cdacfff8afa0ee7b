// What is recorded of a case that is handed in by hand: files, the proxy and their mandate, address and group, the withdrawal.

import { patch, post, upload } from "./api.js";
import { h, say } from "./dom.js";
import { FilePicker } from "./files.js";
import { today } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const WAYS = ["counter", "letter", "phone", "email", "otherwise"];
const FIVE = 5;
let last = 0;

/** Opens the dialog of this name over the papers of a case. */
export function open(name, papers) {
  new { add_files: AddFiles, name_proxy: NameProxy, mandate: Mandate, edit: Edit, withdraw: Withdraw }[name](papers).open();
}

class Dialog {
  constructor(papers) {
    this.papers = papers;
    this.path = `/cases/${papers.record().id}`; // the case beside a conversation may become another while this is written
    this.key = crypto.randomUUID();
  }

  open() {
    this.inputs = {};
    this.said = h("p", { class: "said", role: "alert" });
    this.save = h("button", { type: "submit", class: "strong" }, t(this.submit));
    this.dialog = h(
      "dialog",
      { "aria-labelledby": "papers-title" },
      h(
        "form",
        { novalidate: true, on: { submit: (event) => this.#submit(event) } },
        h("h2", { id: "papers-title" }, t(this.title).replace(/ ?…$/, "")),
        this.content(),
        this.said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.dialog.close() } }, t("cancel")), this.save),
      ),
    );
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  submit = "papers.save";

  field(name, label, input) {
    input.id = `papers-${++last}`;
    this.inputs[name] = input;
    return [h("label", { for: input.id }, label), input];
  }

  line(name, label, more = {}) {
    return this.field(name, label, h("input", { type: "text", maxlength: 200, autocomplete: "off", ...more }));
  }

  text(name) {
    return this.inputs[name].value.trim();
  }

  form(names) {
    const form = new FormData();
    for (const name of names) if (this.text(name)) form.set(name, this.text(name));
    return form;
  }

  async #submit(event) {
    event.preventDefault();
    const missing = Object.values(this.inputs).find((input) => input.required && !input.value.trim());
    if (missing) {
      this.said.textContent = t("papers.missing", { field: missing.labels[0].textContent });
      missing.focus();
      return;
    }
    this.save.disabled = true;
    this.said.textContent = "";
    try {
      await this.send();
      this.dialog.close();
      await this.papers.changed();
    } catch (error) {
      this.said.textContent = error instanceof Said ? error.message : told(error);
    } finally {
      this.save.disabled = false;
    }
  }
}

/** What the dialog itself has to say before anything is sent. */
class Said extends Error {}

class AddFiles extends Dialog {
  title = "papers.add_files";

  content() {
    this.files = new FilePicker({ label: t("papers.files") });
    const channels = h("select", {}, ["counter", "letter", "phone"].map((one) => h("option", { value: one }, term("channels", one))));
    return [this.field("channel", t("enter.channel"), channels), this.line("note", t("papers.note"), { maxlength: 8000 }), this.line("handed_in_by", t("enter.handed_in_by")), this.files.node];
  }

  async send() {
    if (!this.files.files.length && !this.text("note")) throw new Said(t("papers.nothing"));
    const form = this.form(["channel", "note", "handed_in_by"]);
    this.files.into(form);
    await upload(`${this.path}/files`, form, this.key);
  }
}

class NameProxy extends Dialog {
  title = "papers.name_proxy";

  content() {
    this.files = new FilePicker({ name: "mandate", label: t("enter.mandate") });
    return [
      this.line("name", t("enter.proxy_name"), { required: true }),
      this.line("relation", t("enter.relation")),
      this.line("contact", t("enter.proxy_contact"), { maxlength: 320 }),
      this.field("postal_address", t("papers.postal_address"), h("textarea", { rows: 2, maxlength: 500 })),
      this.field("valid_until", t("enter.valid_until"), h("input", { type: "date", min: today() })),
      this.files.node,
      h("p", { class: "hint" }, t("enter.no_mandate")),
    ];
  }

  async send() {
    const form = this.form(["name", "relation", "contact", "postal_address", "valid_until"]);
    this.files.into(form);
    await upload(`${this.path}/proxy`, form, this.key);
  }
}

class Mandate extends Dialog {
  title = "papers.mandate";

  content() {
    this.files = new FilePicker({ name: "mandate", label: t("enter.mandate") });
    return [this.field("valid_until", t("enter.valid_until"), h("input", { type: "date", min: today(), value: this.papers.known.proxy?.valid_until ?? "" })), this.files.node];
  }

  async send() {
    const form = this.form(["valid_until"]);
    this.files.into(form);
    await upload(`${this.path}/mandate`, form, this.key);
  }
}

class Edit extends Dialog {
  title = "papers.edit";

  content() {
    const { known } = this.papers;
    this.version = this.papers.record().version;
    this.people = h("div", { class: "people" });
    this.five = h("p", { class: "hint", role: "status" });
    this.more = h("button", { type: "button", on: { click: () => this.#person().focus() } }, t("enter.add"));
    known.representatives.forEach((one) => this.#person(one));
    if (!known.representatives.length) this.#person();
    return [
      this.field("postal_address", t("papers.postal_address"), h("textarea", { rows: 3, maxlength: 500, value: known.postal_address ?? "" })),
      this.line("handed_in_by", t("papers.handed_in_by"), { value: known.handed_in_by ?? "" }),
      this.line("members", t("enter.members"), { inputmode: "numeric", maxlength: 7, value: known.members ?? "" }),
      h("h3", {}, t("enter.representatives")),
      this.people,
      this.five,
      this.more,
    ];
  }

  #person({ name = "", contact = null } = {}) {
    const number = this.people.childElementCount + 1;
    const input = h("input", { "aria-label": t("enter.representative", { n: number }), placeholder: t("enter.representative", { n: number }), maxlength: 200, value: name });
    input.qtContact = contact; // stays with the name that it was entered with
    this.people.append(input);
    this.more.hidden = number >= FIVE;
    say(this.five, number >= FIVE ? t("enter.five") : "");
    return input;
  }

  async send() {
    const people = [...this.people.children].map((input) => ({ name: input.value.trim(), contact: input.qtContact })).filter((one) => one.name);
    await patch(`${this.path}/papers`, this.version, {
      postal_address: this.text("postal_address") || null,
      handed_in_by: this.text("handed_in_by") || null,
      members: this.text("members") || null,
      representatives: people,
    });
  }
}

class Withdraw extends Dialog {
  title = "withdraw.title";
  submit = "withdraw.submit";

  content() {
    const { known } = this.papers;
    const by = h("input", { type: "checkbox" });
    this.byProxy = by;
    return [
      h("p", { class: "muted" }, t("withdraw.about")),
      this.field("received_on", t("withdraw.received_on"), h("input", { type: "date", value: today(), max: today(), required: true })),
      this.field("way", t("withdraw.way"), h("select", {}, WAYS.map((one) => h("option", { value: one }, t(`withdraw.ways.${one}`))))),
      known.proxy ? h("label", { class: "tick" }, by, t("withdraw.by_proxy")) : null,
      this.line("who", t("withdraw.who")),
      this.field("note", t("withdraw.note"), h("textarea", { rows: 3, maxlength: 8000 })),
    ];
  }

  async send() {
    const body = { received_on: this.text("received_on"), way: this.text("way"), by_proxy: this.byProxy.checked };
    for (const name of ["who", "note"]) if (this.text(name)) body[name] = this.text(name);
    await post(`${this.path}/withdrawal`, body, this.key);
  }
}
