// What customers and staff are told, in the house's own words: one occasion in all languages, checked and shown in each channel as it is written.

import { get, post, query } from "./api.js";
import { confirmed, fill, h, noticed, say } from "./dom.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { differing, faults, put, Versions } from "./settings-versions.js";
import { LANGUAGES, language, t, term } from "./words.js";

const PAUSE = 500;
const CHANNELS = ["mail", "chat", "telegram", "by_person"];
const DAYS = ["feedback_due", "former_due", "by", "due", "performed_on"];
const MOMENTS = ["valid_until", "person_at", "waiting_since"];
const WORDS = ["status", "outcome", "way"];

class Texts extends HTMLElement {
  connectedCallback() {
    sheet("settings-versions.css");
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.soon);
  }

  // the list ---------------------------------------------------------------------------------------------------

  async load() {
    fill(this, h("p", { class: "empty" }, t("loading")));
    try {
      this.listed = (await get(`/texts${query({ language })}`)).items;
    } catch (error) {
      const refused = error.status === 403;
      fill(this, h("h2", {}, t("settings_texts.title")), h("p", { class: "empty", role: "alert" }, refused ? t("settings_texts.not_yours") : told(error)));
      return;
    }
    const search = h("input", { type: "search", id: "texts-search", autocomplete: "off", on: { input: () => this.#list(search.value) } });
    this.list = h("div", {});
    fill(this, h("h2", {}, t("settings_texts.title")), h("p", { class: "muted" }, t("settings_texts.intro")), h("div", { class: "narrow" }, h("label", { for: search.id }, t("settings_texts.search")), search), this.list);
    this.#list("");
    if (this.back) this.querySelector(`[data-name="${this.back}"]`)?.focus();
  }

  #list(written) {
    const wanted = written.trim().toLowerCase();
    const fits = (one) => !wanted || `${term("text_names", one.name)} ${one.subject} ${one.name}`.toLowerCase().includes(wanted);
    const row = (one) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "pick", "data-name": one.name, on: { click: () => this.#open(one.name) } }, h("strong", {}, term("text_names", one.name)), h("span", { class: "muted" }, plainly(one.subject))),
        one.trouble ? h("span", { class: "tag bad", title: one.trouble }, t("settings_texts.trouble")) : null,
        one.own ? h("span", { class: "tag good" }, t("settings_texts.own")) : null,
        one.proposed ? h("span", { class: "tag reason" }, t("settings_texts.proposed")) : null,
      );
    const group = (staff) => {
      const rows = this.listed.filter((one) => one.staff === staff && fits(one));
      return rows.length ? [h("h3", {}, t(staff ? "settings_texts.to_staff" : "settings_texts.to_customers")), h("ul", { class: "picks" }, rows.map(row))] : null;
    };
    fill(this.list, group(false), group(true));
    if (!this.list.children.length) fill(this.list, h("p", { class: "empty" }, t("settings_texts.none")));
  }

  // one text ---------------------------------------------------------------------------------------------------

  async #open(name) {
    fill(this, h("p", { class: "empty" }, t("loading")));
    try {
      this.one = await get(`/texts/${name}`);
    } catch (error) {
      fill(this, h("p", { class: "empty", role: "alert" }, told(error)));
      return;
    }
    this.back = name;
    this.channel ??= "mail";
    this.tag ??= LANGUAGES.includes(language) ? language : LANGUAGES[0];
    this.versions = new Versions({ path: `/texts/${name}`, changed: () => this.#open(name) });
    this.said = h("p", { class: "said", role: "alert" });
    this.problems = h("div", { role: "status" });
    this.keep = h("button", { type: "button", class: "strong", disabled: true, on: { click: () => this.#put() } }, t(this.one.four_eyes ? "settings_versions.propose_dots" : "settings_versions.put_dots"));
    this.writings = Object.fromEntries(LANGUAGES.map((tag) => [tag, this.#writing(tag, this.one.texts[tag])]));
    this.tabs = LANGUAGES.map((tag) => h("button", { type: "button", "data-tag": tag, on: { click: () => this.#turn(tag) } }, term("languages", tag), h("span", { class: "count" })));
    this.channels = CHANNELS.map((name) => h("button", { type: "button", "data-channel": name, on: { click: () => ((this.channel = name), this.#preview()) } }, t(`settings_texts.${name}`)));
    this.preview = h("div", { class: "reading" });
    this.differs = h("div", {});
    fill(
      this,
      h("button", { type: "button", class: "quiet back", on: { click: () => this.#leave() } }, t("settings_texts.back")),
      h("h2", { tabindex: "-1" }, term("text_names", name)),
      h("p", { class: "muted" }, t(this.one.staff ? "settings_texts.staff_hint" : "settings_texts.customer_hint")),
      this.one.trouble ? h("p", { class: "notice warns" }, t("settings_texts.trouble_told", { why: this.one.trouble })) : null,
      this.#places(),
      h("div", { class: "tabs short", role: "group", "aria-label": t("settings_texts.language") }, this.tabs),
      h("div", { class: "beside" }, h("div", {}, LANGUAGES.map((tag) => this.writings[tag].node)), h("section", { "aria-label": t("settings_texts.preview") }, h("div", { class: "tabs short", role: "group", "aria-label": t("settings_texts.channel") }, this.channels), this.preview, h("p", { class: "hint" }, t("settings_texts.example")))),
      this.problems,
      h("details", {}, h("summary", {}, t("settings_texts.changes")), this.differs),
      h("div", { class: "keep" }, this.said, h("div", { class: "row end" }, h("button", { type: "button", disabled: !this.one.own, on: { click: () => this.#builtIn() } }, t("settings_texts.built_in")), this.keep)),
      this.versions.node,
    );
    this.versions.show(this.one);
    this.#turn(this.tag);
    this.querySelector("h2").focus();
    this.#check();
  }

  #places() {
    const button = ({ name, needed }) => h("button", { type: "button", class: "gap", title: placed(name, this.one.name), on: { click: () => this.#insert(name) } }, term("text_places", name), needed ? h("span", { "aria-label": t("settings_texts.needed") }, " *") : null);
    return h("div", { class: "places" }, h("p", { class: "hint" }, t("settings_texts.places")), h("div", { class: "gaps", role: "group", "aria-label": t("settings_texts.insert") }, this.one.places.map(button)));
  }

  #writing(tag, text) {
    const subject = h("input", { id: `text-subject-${tag}`, lang: tag, value: text.subject, maxlength: 300, on: { input: () => this.#typed(), focus: () => (this.last = subject) } });
    const body = h("textarea", { id: `text-body-${tag}`, class: "code", rows: 14, lang: tag, value: text.body, spellcheck: "false", maxlength: 6000, on: { input: () => this.#typed(), focus: () => (this.last = body) } });
    const node = h("div", { class: "writing" }, h("label", { for: subject.id }, t("settings_texts.subject")), subject, h("label", { for: body.id }, t("settings_texts.body")), body);
    return { subject, body, node };
  }

  #turn(tag) {
    this.tag = tag;
    this.last = this.writings[tag].body;
    for (const [one, { node }] of Object.entries(this.writings)) node.hidden = one !== tag;
    for (const tab of this.tabs) tab.setAttribute("aria-pressed", String(tab.dataset.tag === tag));
    this.#preview();
  }

  #insert(name) {
    const field = this.last;
    field.setRangeText(placed(name, this.one.name), field.selectionStart, field.selectionEnd, "end");
    field.focus();
    this.#typed();
  }

  #texts() {
    return Object.fromEntries(LANGUAGES.map((tag) => [tag, { subject: this.writings[tag].subject.value, body: this.writings[tag].body.value }]));
  }

  #dirty() {
    return JSON.stringify(this.#texts()) !== JSON.stringify(Object.fromEntries(LANGUAGES.map((tag) => [tag, this.one.texts[tag]])));
  }

  #typed() {
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#check(), PAUSE);
  }

  async #check() {
    const texts = this.#texts();
    let found;
    try {
      found = await post(`/texts/${this.one.name}/check`, { texts });
    } catch (error) {
      say(this.said, told(error));
      return;
    }
    if (!this.isConnected || JSON.stringify(texts) !== JSON.stringify(this.#texts())) return;
    this.shown = found.shown;
    say(this.said, found.problems.length ? t("settings_versions.to_correct", { n: found.problems.length }) : "");
    this.keep.disabled = !this.#dirty() || found.problems.length > 0;
    const named = found.problems.map((one) => ({ ...one, at: one.field, field: one.field.replace(/^([\w-]+)\.?(\w*)$/, (whole, tag, part) => [term("languages", tag), part && t(`settings_texts.${part}`)].filter(Boolean).join(", ")) }));
    fill(this.problems, named.length ? faults(named, (one) => this.#go(one.at)) : null);
    for (const tab of this.tabs) say(tab.querySelector(".count"), String(found.problems.filter((one) => one.field.split(".")[0] === tab.dataset.tag).length || ""));
    fill(this.differs, LANGUAGES.map((tag) => [h("h3", {}, term("languages", tag)), differing(found.diff[tag] ?? [])]));
    this.#preview();
  }

  #go(field) {
    const [tag, part] = field.split(".");
    if (!this.writings[tag]) return;
    this.#turn(tag);
    (this.writings[tag][part] ?? this.writings[tag].body).focus();
  }

  #preview() {
    for (const one of this.channels) one.setAttribute("aria-pressed", String(one.dataset.channel === this.channel));
    const shown = this.shown?.[this.tag];
    if (!shown) return fill(this.preview, h("p", { class: "muted" }, this.shown ? t("settings_texts.not_shown") : ""));
    const body = { mail: shown.mail, chat: shown.chat, telegram: shown.chat, by_person: shown.by_person }[this.channel];
    return fill(this.preview, this.channel === "mail" ? h("p", { class: "subject", lang: this.tag }, h("span", { class: "muted" }, `${t("settings_texts.subject")}: `), shown.subject) : null, h("div", { class: `as ${this.channel}`, lang: this.tag }, body));
  }

  // leaving, keeping -------------------------------------------------------------------------------------------

  async #leave() {
    if (!this.#dirty() || (await confirmed(t("settings_texts.unsaved"), t("settings_texts.leave"), t("cancel")))) this.load();
  }

  async #put() {
    this.#done(await put({ path: `/texts/${this.one.name}`, state: this.one, body: { texts: this.#texts() }, title: t("settings_texts.put_title", { name: term("text_names", this.one.name) }) }));
  }

  async #builtIn() {
    this.#done(await put({ path: `/texts/${this.one.name}`, state: this.one, body: { texts: {} }, title: t("settings_texts.built_in_title", { name: term("text_names", this.one.name) }) }));
  }

  async #done(kept) {
    if (!kept) return;
    await noticed(t(kept.approved ? "settings_versions.kept" : "settings_versions.proposed", { label: kept.label }), t("close"));
    this.#open(this.one.name);
  }
}

/** A template for people: what is filled in by its name. */
const plainly = (text) => text.replace(/\{\{\s*(\w+)[^}]*\}\}/g, (place, name) => `[${term("text_places", name)}]`).replace(/\{%[^%]*%\}/g, "");

function placed(name, occasion) {
  const manner = DAYS.includes(name) ? " | day" : MOMENTS.includes(name) ? " | moment" : WORDS.includes(name) ? ` | word("${name}")` : name === "files" && occasion === "files_beside" ? ' | join(", ")' : "";
  return `{{ ${name}${manner} }}`;
}

customElements.define("qt-settings-texts", Texts);
