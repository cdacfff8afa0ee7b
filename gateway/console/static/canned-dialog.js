// Writing canned replies: one's own, and for supervisors those of everybody; with a preview in each language and hints on the wording.

import { call, get, patch, post, Problem } from "./api.js";
import { allCanned } from "./canned.js";
import { confirmed, fill, h, nothingHasFocus, say } from "./dom.js";
import { advise } from "./hints.js";
import { told } from "./problems.js";
import { LANGUAGES, language, t, term } from "./words.js";

const FIELDS = ["customer", "reference", "feedback_due", "amount", "occurred_on", "about", "agent", "institution", "hotline"];
const CATEGORIES = ["service", "product", "violation", "other"];
const CHANNELS = ["webchat", "webform", "email", "telegram", "phone", "letter", "counter"];
const STATES = ["in_progress", "waiting_for_customer", "resolved"];
const PAUSE = 500; // ms without a key before the preview follows
const LONGEST = 4000;

export class CannedDialog {
  constructor({ me, replies }) {
    Object.assign(this, { me, replies });
    this.supervises = me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    this.which = h("select", { id: "canned-which", on: { change: () => this.#chosen() } });
    this.said = h("p", { class: "said", role: "alert" });
    this.done = h("p", { class: "hint", role: "status" });
    this.name = h("input", { id: "canned-name", maxlength: 60, autocomplete: "off" });
    this.shortcut = h("input", { id: "canned-shortcut", maxlength: 33, autocomplete: "off", "aria-describedby": "canned-shortcut-hint" });
    this.shared = h("input", { id: "canned-shared", type: "checkbox" });
    this.category = options("canned-category", CATEGORIES, "category");
    this.channel = options("canned-channel", CHANNELS, "channels");
    this.texts = Object.fromEntries(LANGUAGES.map((tag) => [tag, this.#text(tag)]));
    this.status = h("select", { id: "canned-status" }, h("option", { value: "" }, t("canned.then_none")), STATES.map((one) => h("option", { value: one }, term("status", one))));
    this.after = h("select", { id: "canned-after", on: { change: () => this.#arrange() } }, ["keep", "to_bot", "to_queue", "snooze"].map((one) => h("option", { value: one }, t(`canned.${one}`))));
    this.days = h("input", { id: "canned-days", type: "number", min: 1, max: 90, value: "3", "aria-label": t("canned.days") });
    this.last = this.texts[LANGUAGES.includes(language) ? language : LANGUAGES[0]].field;
  }

  /** `id`: the reply that is shown first, a new one if none. */
  open(id = null) {
    return new Promise((answer) => {
      this.save = h("button", { type: "submit", class: "strong" }, t("save"));
      this.remove = h("button", { type: "button", on: { click: () => this.#remove() } }, t("canned.remove"));
      this.fields = h("fieldset", { class: "plain" }, this.#form());
      this.readOnly = h("p", { class: "muted" }, t("canned.read_only"));
      this.starters = h("button", { type: "button", class: "aside", on: { click: () => this.#starters() } }, t("canned.starters"));
      this.dialog = h(
        "dialog",
        { class: "wide writing", "aria-labelledby": "canned-dialog-title" },
        h("div", { class: "row" }, h("h2", { id: "canned-dialog-title" }, t("canned.manage")), this.supervises ? this.starters : null),
        h("div", { class: "which" }, h("label", { for: this.which.id }, t("canned.which")), this.which),
        h("form", { novalidate: true, on: { submit: (event) => this.#submit(event), input: () => say(this.done, "") } }, this.readOnly, this.fields, this.said, this.done, h("div", { class: "row end" }, this.remove, h("button", { type: "button", on: { click: () => this.#close() } }, t("close")), this.save)),
      );
      this.dialog.addEventListener("cancel", (event) => {
        event.preventDefault();
        this.#close();
      });
      this.dialog.addEventListener("close", () => {
        clearTimeout(this.soon);
        this.dialog.remove();
        answer();
      });
      document.body.append(this.dialog);
      this.#list(id);
      this.#show(this.replies.find((one) => one.id === id) ?? null);
      this.dialog.showModal();
    });
  }

  // the parts ------------------------------------------------------------------------------------------------

  #form() {
    const put = (name) => h("button", { type: "button", class: "gap", title: `{${name}}`, on: { click: () => this.#put(name) } }, term("fields_of_reply", name));
    return [
      h("div", { class: "half" }, h("div", {}, h("label", { for: this.name.id }, t("canned.name")), this.name), h("div", {}, h("label", { for: this.shortcut.id }, t("canned.shortcut")), this.shortcut, h("p", { class: "hint", id: "canned-shortcut-hint" }, t("canned.shortcut_hint")))),
      this.supervises ? h("label", { class: "tick" }, this.shared, t("canned.for_all")) : null,
      h("div", { class: "gaps", role: "group", "aria-label": t("canned.insert_field") }, h("span", {}, t("canned.insert_field")), FIELDS.map(put)),
      LANGUAGES.map((tag) => this.texts[tag].node),
      h("h3", {}, t("canned.then")),
      h("div", { class: "half" }, h("div", {}, h("label", { for: this.status.id }, t("canned.then_status")), this.status), h("div", {}, h("label", { for: this.after.id }, t("canned.then_after")), h("div", { class: "row" }, this.after, this.days))),
      h("div", { class: "half" }, h("div", {}, h("label", { for: this.category.id }, t("canned.category")), this.category), h("div", {}, h("label", { for: this.channel.id }, t("canned.channel")), this.channel)),
    ];
  }

  #text(tag) {
    const field = h("textarea", { id: `canned-text-${tag}`, rows: 3, maxlength: LONGEST, lang: tag, on: { input: () => this.#typed(tag), focus: () => (this.last = field) } });
    const wrong = h("p", { class: "missing", role: "status", hidden: true });
    const shown = h("p", { class: "sample", lang: tag, hidden: true });
    const theirs = h("p", { class: "sample theirs", lang: tag, hidden: true });
    const advice = h("div", { class: "advice" });
    const node = h("div", {}, h("label", { for: field.id }, t("canned.text", { language: term("languages", tag) })), field, wrong, theirs, shown, advice);
    return { field, wrong, theirs, shown, advice, node };
  }

  #put(name) {
    const field = this.last;
    field.setRangeText(`{${name}}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #typed(tag) {
    const { field, advice } = this.texts[tag];
    advise(field, advice, { id: `canned-${tag}`, language: tag });
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#preview(), PAUSE);
  }

  /** Each text as it would read, filled from a complaint that nobody has made; or what is wrong with it. */
  async #preview() {
    const texts = this.#written();
    const found = Object.keys(texts).length ? await post("/canned/preview", { texts }).catch(() => null) : { items: [] };
    if (!found) return;
    const shown = Object.fromEntries(found.items.map((one) => [one.language, one]));
    for (const tag of LANGUAGES) this.#tell(tag, texts[tag], shown[tag]);
  }

  #tell(tag, text, one) {
    const { field, wrong, shown } = this.texts[tag];
    if ((texts(field) ?? "") !== (text ?? "")) return; // it is another by now
    const problem = one?.problems.length ? wrongWith(text) : "";
    wrong.hidden = !problem;
    say(wrong, problem);
    shown.hidden = !one || Boolean(problem) || one.text === text;
    fill(shown, h("span", { class: "muted" }, `${t("canned.sample")}: `), one?.text ?? "");
  }

  #arrange() {
    this.days.hidden = this.after.value !== "snooze";
  }

  // which ----------------------------------------------------------------------------------------------------

  #list(id) {
    const group = (label, items) => (items.length ? h("optgroup", { label }, items.map((one) => h("option", { value: one.id, selected: one.id === id }, one.shortcut ? `${one.name}  /${one.shortcut}` : one.name))) : null);
    fill(this.which, h("option", { value: "" }, t("canned.new")), group(t("canned.mine"), this.replies.filter((one) => !one.shared)), group(t("canned.house"), this.replies.filter((one) => one.shared)));
    this.which.value = id ?? "";
  }

  async #chosen() {
    const id = this.which.value;
    if (this.#dirty() && !(await this.#leaves())) {
      this.which.value = this.one?.id ?? "";
      return;
    }
    this.which.value = id;
    this.#show(this.replies.find((one) => one.id === id) ?? null);
  }

  #show(one) {
    this.one = one;
    const then = one?.then ?? {};
    this.name.value = one?.name ?? "";
    this.shortcut.value = one?.shortcut ?? "";
    this.shared.checked = one?.shared ?? false;
    this.category.value = one?.category ?? "";
    this.channel.value = one?.channel ?? "";
    this.status.value = then.status ?? "";
    this.after.value = then.hand_back ? `to_${then.hand_back}` : then.snooze_days ? "snooze" : "keep";
    this.days.value = String(then.snooze_days ?? 3);
    for (const tag of LANGUAGES) {
      this.texts[tag].field.value = one?.texts[tag] ?? "";
      this.texts[tag].theirs.hidden = true;
      advise(this.texts[tag].field, this.texts[tag].advice, { id: `canned-${tag}`, language: tag });
    }
    const may = !one?.shared || this.supervises;
    this.fields.disabled = !may;
    this.readOnly.hidden = may;
    this.save.hidden = !may;
    this.remove.hidden = !one || !may;
    say(this.said, "");
    say(this.done, "");
    this.#arrange();
    this.before = this.#sign();
    this.#preview();
  }

  #sign() {
    return JSON.stringify([this.#body(), this.shared.checked]);
  }

  #dirty() {
    return this.before !== this.#sign();
  }

  #leaves() {
    return confirmed(t("canned.unsaved"), t("canned.leave"), t("cancel"));
  }

  async #close() {
    if (!this.#dirty() || (await this.#leaves())) this.dialog.close();
  }

  // saving ---------------------------------------------------------------------------------------------------

  #written() {
    return Object.fromEntries(LANGUAGES.map((tag) => [tag, texts(this.texts[tag].field)]).filter(([, text]) => text));
  }

  #then() {
    const after = { to_bot: { hand_back: "bot" }, to_queue: { hand_back: "queue" }, snooze: { snooze_days: Number(this.days.value) } }[this.after.value] ?? {};
    const then = { ...(this.status.value ? { status: this.status.value } : {}), ...after };
    return Object.keys(then).length ? then : null;
  }

  #body() {
    return { name: this.name.value.trim(), shortcut: this.shortcut.value.trim() || null, category: this.category.value || null, channel: this.channel.value || null, texts: this.#written(), then: this.#then() };
  }

  #missing({ name, texts: written, then }) {
    if (!name) return [t("canned.name_needed"), this.name];
    if (!Object.keys(written).length) return [t("canned.text_needed"), this.last];
    const broken = LANGUAGES.find((tag) => written[tag] && wrongWith(written[tag]));
    if (broken) return [wrongWith(written[broken]), this.texts[broken].field];
    const { snooze_days: days } = then ?? {};
    if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= 90)) return [t("canned.days_needed"), this.days];
    return null;
  }

  async #submit(event) {
    event.preventDefault();
    const body = this.#body();
    const missing = this.#missing(body);
    if (missing) {
      say(this.said, missing[0]);
      missing[1].focus();
      return;
    }
    const shared = this.supervises && this.shared.checked !== (this.one?.shared ?? false) ? { shared: this.shared.checked } : {};
    const stood = document.activeElement;
    this.#busy(true);
    say(this.said, "");
    try {
      const kept = this.one ? await patch(`/canned/${this.one.id}`, this.one.version, { ...body, ...shared }) : await post("/canned", { ...body, ...shared });
      this.replies = [...this.replies.filter((one) => one.id !== kept.id), kept].sort((one, other) => one.name.localeCompare(other.name));
      this.#list(kept.id);
      this.#show(kept);
      say(this.done, t("canned.saved", { name: kept.name }));
    } catch (error) {
      await this.#refused(error);
    } finally {
      this.#busy(false);
      if (nothingHasFocus() && this.dialog.contains(stood)) stood.focus();
    }
  }

  /** What is typed or chosen while something is being saved would be lost with the answer. */
  #busy(now) {
    this.save.disabled = this.fields.disabled = this.which.disabled = now;
  }

  async #refused(error) {
    const code = error instanceof Problem ? error.code : "";
    if (code === "changed_meanwhile") {
      const now = await get(`/canned/${this.one.id}`).catch(() => null);
      if (now) this.#compare(now);
      say(this.said, t("canned.changed"));
    } else {
      say(this.said, ["name_taken", "shortcut_taken", "too_many"].includes(code) ? t(`canned.${code}`, { most: error.document.most }) : told(error));
    }
  }

  /** What stands there now, beside what was written here until that is saved; saving again is on top of it. */
  #compare(now) {
    this.one = now;
    this.replies = this.replies.map((one) => (one.id === now.id ? now : one));
    for (const tag of LANGUAGES) {
      const { theirs, field } = this.texts[tag];
      theirs.hidden = texts(field) === (now.texts[tag] ?? "");
      fill(theirs, h("span", { class: "muted" }, `${now.changed_by}: `), now.texts[tag] ?? "—");
    }
  }

  async #remove() {
    if (!(await confirmed(t("canned.remove_sure", { name: this.one.name }), t("canned.remove"), t("cancel")))) return;
    try {
      await call("DELETE", `/canned/${this.one.id}`, undefined, { "If-Match": `"${this.one.version}"` });
      this.replies = this.replies.filter((one) => one.id !== this.one.id);
      this.#list(null);
      this.#show(null);
      this.which.focus();
    } catch (error) {
      await this.#refused(error);
    }
  }

  async #starters() {
    try {
      const { items } = await post("/canned/starters", { language });
      this.replies = await allCanned();
      this.#list(this.one?.id ?? null);
      say(this.done, items.length ? t("canned.starters_added", { n: items.length }) : t("canned.starters_none"));
    } catch (error) {
      say(this.said, told(error));
    }
  }
}

const texts = (field) => field.value.trim();

function options(id, values, group) {
  return h("select", { id }, h("option", { value: "" }, t("canned.any")), values.map((one) => h("option", { value: one }, term(group, one))));
}

/** What keeps a text from being saved, as the house will say too. */
function wrongWith(text) {
  const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].find(([, name]) => !FIELDS.includes(name));
  if (unknown) return t("canned.unknown_field", { field: unknown[0], fields: FIELDS.map((name) => `{${name}}`).join(t("list_comma")) });
  return /[{}｛｝⟦⟧]/.test(text.replace(/\{[^{}]*\}/g, "")) ? t("canned.broken_field", { example: "{reference}" }) : "";
}
