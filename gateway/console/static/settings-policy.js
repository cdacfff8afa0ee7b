// The policy: the fields that people change, the whole text for the rest, what is wrong, what it would change, its versions.

import { get, post } from "./api.js";
import { confirmed, fill, h, noticed, opened, say } from "./dom.js";
import { day, money } from "./formats.js";
import { told } from "./problems.js";
import { differing, faults, put, Versions } from "./settings-versions.js";
import { LANGUAGES, language, t, term } from "./words.js";

const PAUSE = 600; // ms without a key before the text is checked
const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "makeup", "holiday"];
const UNITS = ["working_days", "days", "weeks"];
const STARTS = ["received", "registered", "handled"];
const each = (path) => LANGUAGES.map((tag) => [`${path}.${tag}`, tag]);

class Policy extends HTMLElement {
  connectedCallback() {
    this.versions = new Versions({ path: "/policy", changed: () => this.load() });
    fill(this, h("p", { class: "empty" }, t("loading")));
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.soon);
  }

  async load() {
    try {
      this.found = await get("/policy");
    } catch (error) {
      fill(this, h("p", { class: "empty", role: "alert" }, told(error)));
      return;
    }
    this.content = this.found.content;
    this.values = this.found.values;
    this.#page();
    this.versions.show(this.found);
    this.#check();
  }

  #page() {
    const { found } = this;
    this.said = h("p", { class: "said", role: "alert" });
    this.keep = h("button", { type: "button", class: "strong", disabled: true, on: { click: () => this.#put() } }, t(found.four_eyes ? "settings_versions.propose_dots" : "settings_versions.put_dots"));
    this.undo = h("button", { type: "button", disabled: true, on: { click: () => this.#undo() } }, t("settings_versions.undo"));
    this.problems = h("div", { role: "status" });
    this.effects = h("section", { class: "effects" });
    this.text = h("textarea", { id: "policy-text", class: "code", rows: 26, spellcheck: "false", "aria-label": t("settings_policy.text"), value: this.content, on: { input: () => this.#typed() } });
    this.fields = h("div", { class: "groups" });
    this.tabs = ["fields", "text"].map((name) => h("button", { type: "button", "aria-pressed": name === (this.tab ?? "fields"), "data-tab": name, on: { click: () => this.#turn(name) } }, t(`settings_policy.tab_${name}`)));
    fill(
      this,
      h("h2", {}, t("settings_policy.title")),
      h("p", { class: "muted" }, t(`settings_policy.source_${found.source.replace("-", "_")}`, { version: found.version })),
      this.#notices(),
      h("div", { class: "tabs short", role: "group", "aria-label": t("settings_policy.how") }, this.tabs),
      this.fields,
      this.text,
      this.problems,
      this.effects,
      h("div", { class: "keep" }, this.said, h("div", { class: "row end" }, this.undo, this.keep)),
      this.versions.node,
    );
    this.#turn(this.tab ?? "fields");
    this.#draw();
  }

  #notices() {
    const { file, told: lines, source } = this.found;
    const button = (key, act) => h("button", { type: "button", on: { click: act } }, t(`settings_policy.${key}`));
    const notices = lines.filter((line) => !line.startsWith("policy ")).map((line) => h("p", {}, line));
    if (source !== "console" && !notices.length) return null;
    return h("div", { class: file.differs || notices.length ? "notice warns" : "notice" }, file.differs ? h("p", {}, h("strong", {}, t("settings_policy.file_differs"))) : notices, source === "console" ? h("div", { class: "acts" }, file.differs ? button("compare", () => this.#compare()) : null, button("follow", () => this.#follow())) : null);
  }

  #turn(name) {
    this.tab = name;
    this.tabs.forEach((tab) => tab.setAttribute("aria-pressed", String(tab.dataset.tab === name)));
    this.fields.hidden = name !== "fields";
    this.text.hidden = name !== "text";
    if (name === "fields") this.#draw();
  }

  // fields ---------------------------------------------------------------------------------------------------

  #draw() {
    if (!this.values) {
      fill(this.fields, h("p", { class: "said" }, t("settings_policy.not_toml")));
      return;
    }
    const clocks = [...new Set(Object.keys(this.values).filter((path) => path.startsWith("clocks.")).map((path) => path.split(".")[1]))];
    const groups = [
      ["institution", [...each("institution.name"), ["institution.names", "names"], ["institution.hotline", "hotline"]].map((one) => this.#text(...one))],
      ["ways", each("institution.channels").map((one) => this.#text(...one))],
      ["authorities", each("institution.next_authorities").map((one) => this.#text(...one))],
      ["emergency", each("institution.emergency").map((one) => this.#text(...one))],
      ["privacy", [this.#text("privacy.version", "notice_version"), ...each("privacy.notice").map(([path, tag]) => this.#text(path, tag, { long: true }))]],
      ["hours", DAYS.map((name) => this.#text(`working_hours.${name}`, name, { hint: name === "monday" ? "hours_hint" : "" }))],
      ["clocks", clocks.map((name) => this.#clock(name))],
      ["waiting", [this.#number("waiting.limit_minutes", "limit_minutes"), this.#text("notices.quiet_from", "quiet_from"), this.#text("notices.quiet_until", "quiet_until")]],
      ["risk", ["general_from", "major_above", "press_or_regulator_above"].map((name) => this.#number(`triage.risk.${name}`, name))],
      ["people", [this.#text("people.duty_address", "duty_address"), this.#text("people.supervisor_address", "supervisor_address"), this.#responsible()]],
      ["assignment", [this.#choice("assignment.mode", "mode", ["off", "round_robin"]), this.#number("assignment.most", "most"), this.#number("assignment.answer_within", "answer_within")]],
      ["retention", ["resolved_years", "closed_years", "withdrawn_years", "drafts_days", "conversations_days", "parked_days"].map((name) => this.#number(`retention.${name}`, name))],
      ["changes", [this.#choice("changes.four_eyes", "four_eyes", [false, true]), this.#choice("changes.texts", "texts_by", ["admin", "supervisor"])]],
    ];
    const open = new Set([...this.fields.querySelectorAll("details[open]")].map((one) => one.dataset.group));
    fill(this.fields, groups.map(([name, fields]) => h("details", { "data-group": name, open: open.has(name) }, h("summary", {}, t(`settings_policy.${name}`), h("span", { class: "muted brief" }, this.#brief(name))), h("p", { class: "hint" }, t(`settings_policy.${name}_hint`)), h("div", { class: "grid" }, fields))));
  }

  #brief(name) {
    const one = { institution: `institution.name.${language}`, ways: `institution.channels.${language}`, authorities: `institution.next_authorities.${language}`, emergency: `institution.emergency.${language}`, privacy: "privacy.version", hours: "working_hours.monday" }[name];
    return one ? shownAs(this.values[one]) : "";
  }

  #labelled(path, key, control, hint) {
    const id = idOf(path);
    const label = LANGUAGES.includes(key) ? term("languages", key) : t(`settings_policy.${key}`);
    return h("div", { class: "slot", "data-path": path }, h("label", { for: id }, label), control, hint ? h("p", { class: "hint" }, t(`settings_policy.${hint}`)) : null, h("p", { class: "said", role: "alert" }));
  }

  #text(path, key, { long = false, hint = "" } = {}) {
    const value = this.values[path];
    const list = Array.isArray(value) || /^(institution\.(channels|names)|working_hours)/.test(path);
    const attributes = { id: idOf(path), value: shownAs(value), autocomplete: "off", on: { input: () => (this.keep.disabled = false), change: (event) => this.#set(path, list ? parted(event.target.value) : event.target.value.trim()) } };
    return this.#labelled(path, key, h(long ? "textarea" : "input", { ...attributes, ...(LANGUAGES.includes(key) ? { lang: key } : {}), ...(long ? { rows: 3 } : {}) }), hint);
  }

  #number(path, key) {
    const change = (event) => this.#set(path, event.target.value === "" ? "" : Number(event.target.value));
    return this.#labelled(path, key, h("input", { id: idOf(path), type: "number", min: 0, step: 1, value: String(this.values[path] ?? ""), on: { input: () => (this.keep.disabled = false), change } }));
  }

  #choice(path, key, values) {
    const change = (event) => this.#set(path, values[event.target.selectedIndex]);
    return this.#labelled(path, key, h("select", { id: idOf(path), on: { change } }, values.map((one) => h("option", { selected: (this.values[path] ?? values[0]) === one }, t(`settings_policy.${key}_${one}`)))));
  }

  #clock(name) {
    const path = (key) => `clocks.${name}.${key}`;
    const select = (key, values) => h("select", { id: idOf(path(key)), "aria-label": t(`settings_policy.clock_${key}`), on: { change: (event) => this.#set(path(key), event.target.value) } }, values.map((one) => h("option", { value: one, selected: this.values[path(key)] === one }, t(`settings_policy.${key}_${one}`))));
    const count = h("input", { id: idOf(path("count")), type: "number", min: 1, value: String(this.values[path("count")] ?? ""), on: { change: (event) => this.#set(path("count"), Number(event.target.value)) } });
    return h("div", { class: "slot clock", "data-path": path("count") }, h("label", { for: count.id }, term("clock_names", name)), h("div", { class: "row" }, count, select("unit", UNITS), select("starts_at", STARTS)), h("p", { class: "said", role: "alert" }));
  }

  #responsible() {
    const path = "people.responsible";
    const rows = (this.values[path] ?? []).map((one) => ({ ...one }));
    const list = h("ul", { class: "responsible" });
    const keep = () => this.#set(path, rows.filter((one) => one.agent).map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value))));
    const options = (group, values, chosen) => [h("option", { value: "" }, t("settings_policy.any")), ...values.map((one) => h("option", { value: one, selected: one === chosen }, term(group, one)))];
    const row = (one) =>
      h(
        "li",
        { class: "row" },
        h("input", { "aria-label": t("settings_policy.agent"), list: "policy-agents", value: one.agent ?? "", on: { change: (event) => ((one.agent = event.target.value.trim()), keep()) } }),
        h("select", { "aria-label": t("settings_policy.category"), on: { change: (event) => ((one.category = event.target.value), keep()) } }, options("category", ["service", "product", "violation", "other"], one.category)),
        h("select", { "aria-label": t("settings_policy.risk_of"), on: { change: (event) => ((one.risk = event.target.value), keep()) } }, options("risk", ["minor", "general", "major"], one.risk)),
        h("button", { type: "button", class: "quiet", on: { click: ({ target }) => (rows.splice(rows.indexOf(one), 1), target.closest("li").remove(), keep()) } }, t("settings_policy.remove")),
      );
    fill(list, rows.map(row));
    const add = h("button", { type: "button", on: { click: () => { const one = {}; rows.push(one); list.append(row(one)); list.lastChild.querySelector("input").focus(); } } }, t("settings_policy.add_person"));
    return h("div", { class: "slot wide", "data-path": path, role: "group", "aria-label": t("settings_policy.responsible") }, h("span", { class: "label" }, t("settings_policy.responsible")), list, h("div", {}, add), h("p", { class: "said", role: "alert" }));
  }

  /** One after the other: each begins with the text that the one before has left. */
  #set(path, value) {
    this.setting = (this.setting ?? Promise.resolve()).then(() => this.#setNow(path, value));
  }

  async #setNow(path, value) {
    const { content } = this;
    try {
      const found = await post("/policy/set", { content, changes: { [path]: value } });
      if (this.content !== content) return await this.#setNow(path, value); // the text was written in meanwhile
      this.#take(found.content);
      this.values = found.values;
      this.#show(path);
      await this.#check();
    } catch (error) {
      await this.#check(); // which forgets what was said before
      say(this.said, told(error));
    }
  }

  /** What the text says of a field now. Nothing is drawn anew: the next one may be being written in already. */
  #show(path) {
    for (const group of this.fields.querySelectorAll("details")) say(group.querySelector(".brief"), this.#brief(group.dataset.group));
    const input = this.fields.querySelector(`input#${CSS.escape(idOf(path))}:not([type="number"]), textarea#${CSS.escape(idOf(path))}`);
    if (input && input !== document.activeElement) input.value = shownAs(this.values[path]);
  }

  #take(content) {
    this.content = content;
    if (this.text.value !== content) this.text.value = content;
  }

  #typed() {
    this.content = this.text.value;
    clearTimeout(this.soon);
    this.soon = setTimeout(() => this.#check(), PAUSE);
  }

  // what is wrong, what it would change ------------------------------------------------------------------------

  async #check() {
    const content = this.content;
    say(this.said, "");
    let found;
    try {
      found = await post("/policy/check", { content, language });
    } catch (error) {
      say(this.said, told(error));
      return;
    }
    if (content !== this.content || !this.isConnected) return; // it is another by now
    this.values = found.values ?? this.values;
    const changed = content !== this.found.content;
    this.keep.disabled = !changed || found.problems.length > 0;
    this.undo.disabled = !changed;
    say(this.said, found.problems.length ? t("settings_versions.to_correct", { n: found.problems.length }) : "");
    fill(this.problems, found.problems.length ? faults(found.problems, (one) => this.#go(one)) : null);
    for (const field of this.fields.querySelectorAll(".slot")) {
      const wrong = found.problems.find((one) => one.field === field.dataset.path || one.field.startsWith(`${field.dataset.path}.`));
      say(field.querySelector(".said"), wrong?.detail ?? "");
    }
    fill(this.effects, changed ? [h("h3", {}, t("settings_policy.what_changes")), differing(found.diff), found.effects ? this.#effects(found.effects) : null] : null);
  }

  #go({ field, line }) {
    const shown = [...this.fields.querySelectorAll(".slot")].find((one) => field === one.dataset.path || field.startsWith(`${one.dataset.path}.`));
    if (this.tab === "fields" && shown) {
      shown.closest("details").open = true;
      shown.querySelector("input, select, textarea").focus();
      return;
    }
    this.#turn("text");
    const lines = this.text.value.split("\n");
    const at = lines.slice(0, (line ?? 1) - 1).reduce((sum, one) => sum + one.length + 1, 0);
    this.text.focus();
    this.text.setSelectionRange(at, at + (lines[(line ?? 1) - 1]?.length ?? 0));
  }

  #effects({ due, grades, told: said }) {
    const moved = grades.filter((one) => one.before !== one.after);
    return [
      h("h3", {}, t("settings_policy.dates")),
      h("p", {}, due.new_ones.before === due.new_ones.after ? t("settings_policy.new_same", { day: day(due.new_ones.after) }) : t("settings_policy.new_changed", { before: day(due.new_ones.before), after: day(due.new_ones.after) })),
      h("p", {}, t(due.changed ? "settings_policy.open_changed" : "settings_policy.open_same", { n: due.changed, open: due.open })),
      due.cases.length ? table(["case", "promised", "would_be"], due.cases.map((one) => [h("a", { href: `/console/cases/${one.reference ?? one.id}` }, one.reference ?? one.id), day(one.promised), day(one.would_be)])) : null,
      h("h3", {}, t("settings_policy.grades")),
      h("p", {}, t(moved.length ? "settings_policy.grades_changed" : "settings_policy.grades_same", { n: moved.length, of: grades.length })),
      moved.length ? table(["case", "said", "amount", "before", "after"], moved.map((one) => [one.reference ?? t("settings_policy.example"), one.text, one.amount ? money(one.amount) : "", grade(one.before), grade(one.after)])) : null,
      said.length ? h("h3", {}, t("settings_policy.told")) : null,
      said.length ? table(["language", "about", "before", "after"], said.map((one) => [term("languages", one.language), t(`settings_policy.told_${one.about}`), h("span", { lang: one.language }, one.before.join(" · ")), h("span", { lang: one.language }, one.after.join(" · "))])) : null,
    ];
  }

  // putting in force -------------------------------------------------------------------------------------------

  async #undo() {
    await this.setting;
    this.#take(this.found.content);
    this.values = this.found.values;
    this.#draw();
    this.#check();
  }

  async #put() {
    await this.setting; // the field that was left for the button: it is part of the text now, and that has been checked
    if (this.keep.disabled) return;
    const kept = await put({ path: "/policy", state: this.found, body: { content: this.content }, title: t("settings_policy.put_title") });
    if (!kept) return;
    await noticed(t(kept.approved ? "settings_versions.kept" : "settings_versions.proposed", { label: kept.label }), t("close"));
    await this.load();
  }

  async #follow() {
    if (await put({ path: "/policy", state: this.found, body: { follow_file: true }, title: t("settings_policy.follow_title") })) await this.load();
  }

  async #compare() {
    if (this.content !== this.found.content && !(await confirmed(t("settings_policy.leave"), t("settings_policy.compare"), t("cancel")))) return;
    const { file } = this.found;
    const found = await post("/policy/check", { content: file.content, language }).catch(() => null);
    const dialog = h("dialog", { class: "wide", "aria-label": file.label }, h("h2", {}, file.label), h("p", { class: "muted" }, t("settings_policy.file_beside")), found ? differing(found.diff) : null, h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("close")), h("button", { type: "button", on: { click: () => (dialog.close(), this.#take(file.content), this.#check(), this.#turn("text")) } }, t("settings_policy.take_text"))));
    await opened(dialog);
  }
}

const idOf = (path) => `policy-${path.replaceAll(".", "-")}`;
const shownAs = (value) => (Array.isArray(value) ? value.join("; ") : String(value ?? ""));
const parted = (text) => text.split(/[;；]/).map((one) => one.trim()).filter(Boolean);
const grade = (risk) => h("span", { class: `tag risk ${risk}` }, term("risk", risk));

function table(heads, rows) {
  return h("div", { class: "scrolls", tabindex: "0", role: "region", "aria-label": t("settings_policy.table") }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((one) => h("th", { scope: "col" }, t(`settings_policy.head_${one}`))))), h("tbody", {}, rows.map((cells) => h("tr", {}, cells.map((one) => h("td", {}, one)))))));
}

customElements.define("qt-settings-policy", Policy);
