// Offering solutions, recording what a customer said to them, and that what was agreed is done.
//
// What is being offered is kept in this tab until it is sent: a session that ends in the middle costs no words.

import { post, Problem } from "./api.js";
import { confirmed, fill, h } from "./dom.js";
import { today } from "./formats.js";
import { told } from "./problems.js";
import { language, t, term } from "./words.js";

const FEWEST = 2;
const MOST = 4;
const WAYS = ["phone", "counter", "letter", "email", "webchat", "telegram", "webform"];
let last = 0;

/** Opens what this act needs; `about` is an offer or a settlement. */
export async function open(act, room, about) {
  if (act === "withdraw") return withdraw(room, about);
  new { offer: Offer, answer: Answer, performed: Performed, not_performed: NotPerformed }[act](room, about).open();
}

async function withdraw(room, offer) {
  if (!(await confirmed(t("negotiation.withdraw_sure"), t("negotiation.withdraw").replace(/ ?…$/, ""), t("cancel")))) return;
  await room.send(`/offers/${offer.id}/withdraw`, {}).catch((error) => room.failed(error));
}

class Dialog {
  wide = false;

  constructor(room, about) {
    this.room = room;
    this.about = about;
    this.id = room.record().id; // the case beside a conversation may become another while this is written
    this.key = crypto.randomUUID();
  }

  open() {
    this.said = h("p", { class: "said", role: "alert" });
    this.save = h("button", { type: "submit", class: "strong" }, this.submitLabel());
    this.form = h("form", { novalidate: true, on: { submit: (event) => this.#submit(event), input: () => this.kept() } }, h("h2", { id: "negotiation-title" }, this.title()), this.content(), this.said, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.cancel() } }, t("cancel")), this.more(), this.save));
    this.dialog = h("dialog", { class: this.wide ? "wide" : "", "aria-labelledby": "negotiation-title" }, this.form);
    this.dialog.addEventListener("close", () => this.dialog.remove());
    document.body.append(this.dialog);
    this.dialog.showModal();
  }

  more() {
    return null;
  }

  kept() {}

  cancel() {
    this.dialog.close();
  }

  field(label, input) {
    input.id = `negotiation-${++last}`;
    return h("div", { class: "labelled" }, h("label", { for: input.id }, label), input);
  }

  /** The first field that has to hold something and doesn't is named and gets the focus. */
  complete() {
    const missing = [...this.form.querySelectorAll("[required]")].find((input) => !input.value.trim());
    if (!missing) return true;
    this.said.textContent = t("offer_form.missing", { field: missing.labels[0].textContent });
    missing.focus();
    return false;
  }

  async #submit(event) {
    event.preventDefault();
    this.said.textContent = "";
    if (!this.complete()) return;
    this.save.disabled = true;
    try {
      await this.room.send(this.path(), this.body(), this.key);
      this.done();
      this.dialog.close();
    } catch (error) {
      if (error instanceof Problem) this.key = crypto.randomUUID(); // a refusal is kept under its key: the next try is another request
      this.said.textContent = told(error);
    } finally {
      this.save.disabled = false;
    }
  }

  done() {}
}

class Offer extends Dialog {
  wide = true;

  title = () => t("offer_form.title");
  submitLabel = () => t("offer_form.send");
  path = () => `/cases/${this.id}/offers`;

  content() {
    const { known } = this.room;
    this.written = restored(this.#place) ?? { options: [blank(), blank()], expires: known.valid_until, hand: true, solution: null };
    this.list = h("div", { class: "offered-options" });
    this.addButton = h("button", { type: "button", on: { click: () => this.#add() } }, t("offer_form.add"));
    this.expires = h("input", { type: "date", min: today(), required: true, value: this.written.expires });
    this.hand = h("input", { type: "checkbox", checked: this.written.hand });
    this.preview = h("div", { class: "preview", "aria-live": "polite" });
    this.#list();
    const names = term("languages", known.language);
    return [
      h("p", { class: "hint" }, t("offer_form.intro", { language: names })),
      known.ready.length ? this.field(t("offer_form.ready"), h("select", { on: { change: (event) => this.#take(event.target.value) } }, [["", t("offer_form.ready_none")], ...known.ready.map((one) => [one.key, one.names[language] ?? one.name])].map(([value, label]) => h("option", { value, selected: value === (this.written.solution ?? "") }, label)))) : null,
      this.list,
      h("div", { class: "row start" }, this.addButton),
      this.field(t("offer_form.expires"), this.expires),
      h("label", { class: "check" }, this.hand, t("offer_form.hand_over")),
      this.preview,
    ];
  }

  more() {
    return h("button", { type: "button", on: { click: () => this.#preview() } }, t("offer_form.preview"));
  }

  get #place() {
    return `qt.offer.${this.id}`;
  }

  kept() {
    this.#read();
    fill(this.preview);
    sessionStorage.setItem(this.#place, JSON.stringify(this.written));
  }

  cancel() {
    sessionStorage.removeItem(this.#place);
    super.cancel();
  }

  done() {
    sessionStorage.removeItem(this.#place);
  }

  /** What stands in the fields. */
  #read() {
    this.written.options = this.rows.map((row) => ({ title: row.title.value, meaning: row.meaning.value, days: row.days.value }));
    this.written.expires = this.expires.value;
    this.written.hand = this.hand.checked;
  }

  #list() {
    this.rows = this.written.options.map(() => ({}));
    const many = this.written.options.length;
    fill(
      this.list,
      this.written.options.map((option, at) => {
        const row = this.rows[at];
        row.title = h("input", { type: "text", maxlength: 120, required: true, autocomplete: "off", value: option.title, lang: this.room.known.language });
        row.meaning = h("textarea", { rows: 2, maxlength: 1000, required: true, value: option.meaning, lang: this.room.known.language });
        row.days = h("input", { type: "number", min: 0, max: 365, step: 1, required: true, value: option.days });
        return h(
          "fieldset",
          { class: "offered" },
          h("legend", {}, t("offer_form.option", { n: at + 1 })),
          this.field(t("offer_form.name"), row.title),
          this.field(t("offer_form.within"), row.days),
          this.field(t("offer_form.meaning"), row.meaning),
          many > FEWEST ? h("button", { type: "button", class: "link", on: { click: () => this.#remove(at) } }, t("offer_form.remove", { n: at + 1 })) : null,
        );
      }),
    );
    this.addButton.hidden = many >= MOST;
  }

  #add() {
    this.#read();
    this.written.options.push(blank());
    this.#list();
    this.rows.at(-1).title.focus();
    this.kept();
  }

  #remove(at) {
    this.#read();
    this.written.options.splice(at, 1);
    this.#list();
    this.rows[Math.min(at, this.rows.length - 1)].title.focus();
    this.kept();
  }

  #take(key) {
    const ready = this.room.known.ready.find((one) => one.key === key);
    this.written.solution = ready ? key : null;
    if (ready) this.written.options = ready.options.map((one) => ({ ...one }));
    this.#list();
    this.kept();
  }

  body() {
    this.#read();
    const options = this.written.options.map(({ title, meaning, days }) => ({ title: title.trim(), meaning: meaning.trim(), days: Number(days) }));
    return { options, expires_on: this.written.expires, hand_over: this.written.hand, ...(this.written.solution ? { solution: this.written.solution } : {}) };
  }

  async #preview() {
    this.said.textContent = "";
    if (!this.complete()) return;
    try {
      const shown = await post(`${this.path()}/preview`, this.body());
      fill(
        this.preview,
        shown.faults.length ? h("p", { class: "flag" }, t("offer_form.faults"), " ", shown.faults.join(t("list_stop"))) : null,
        h("figure", {}, h("p", { class: "text", lang: shown.language }, shown.text)),
      );
      this.preview.scrollIntoView({ block: "nearest" });
    } catch (error) {
      this.said.textContent = told(error);
    }
  }
}

class Answer extends Dialog {
  title = () => t("answer_form.title");
  submitLabel = () => t("answer_form.save");
  path = () => `/offers/${this.about.id}/answers`;

  content() {
    this.kind = h("select", { on: { change: () => this.#arrange() } }, ["agreed", "choice", "counter", "declined"].map((one) => h("option", { value: one }, term("answer_kind", one))));
    this.option = h("select", {}, this.about.options.map((one, at) => h("option", { value: at + 1, selected: this.about.chosen === at + 1 }, `${at + 1}. ${one.title}`)));
    this.words = h("textarea", { rows: 3, maxlength: 8000, required: true });
    this.way = h("select", {}, WAYS.map((one) => h("option", { value: one }, term("channels", one))));
    this.hint = h("p", { class: "hint" }, t("answer_form.agreed_hint"));
    this.chosen = this.field(t("answer_form.option"), this.option);
    return [this.field(t("answer_form.kind"), this.kind), this.hint, this.chosen, this.field(t("answer_form.words"), this.words), this.field(t("answer_form.way"), this.way)];
  }

  get #chooses() {
    return ["agreed", "choice"].includes(this.kind.value);
  }

  #arrange() {
    this.chosen.hidden = !this.#chooses;
    this.hint.hidden = this.kind.value !== "agreed";
  }

  body() {
    const body = { kind: this.kind.value, words: this.words.value.trim(), way: this.way.value };
    return this.#chooses ? { ...body, option: Number(this.option.value) } : body;
  }
}

class Performed extends Dialog {
  title = () => t("performed_form.title");
  submitLabel = () => t("performed_form.save");
  path = () => `/settlements/${this.about.id}/performed`;

  content() {
    this.on = h("input", { type: "date", max: today(), required: true, value: today() });
    this.note = h("textarea", { rows: 2, maxlength: 8000 });
    return [this.field(t("performed_form.done_on"), this.on), this.field(t("performed_form.note"), this.note)];
  }

  body() {
    const note = this.note.value.trim();
    return { performed_on: this.on.value, ...(note ? { note } : {}) };
  }
}

class NotPerformed extends Dialog {
  title = () => t("performed_form.not_title");
  submitLabel = () => t("performed_form.save");
  path = () => `/settlements/${this.about.id}/not-performed`;

  content() {
    this.why = h("textarea", { rows: 2, maxlength: 8000, required: true });
    return this.field(t("performed_form.why"), this.why);
  }

  body() {
    return { note: this.why.value.trim() };
  }
}

const blank = () => ({ title: "", meaning: "", days: "" });

function restored(place) {
  try {
    return JSON.parse(sessionStorage.getItem(place));
  } catch {
    return null;
  }
}
