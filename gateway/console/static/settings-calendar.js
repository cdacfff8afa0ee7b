// The house's calendar: a year of months, a day that is worked otherwise set by a click or a key, a list that is pasted, its versions.

import { get, post, query } from "./api.js";
import { fill, h, noticed, say } from "./dom.js";
import { day as shownDay } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { put, Versions } from "./settings-versions.js";
import { language, t } from "./words.js";

const PAUSE = 400;
const WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const LOCALE = { "zh-Hans": "zh-CN", "zh-Hant": "zh-TW", en: "en-GB" }[language] ?? language;
const MONTH = new Intl.DateTimeFormat(LOCALE, { month: "long", timeZone: "UTC" });
const WEEKDAY = new Intl.DateTimeFormat(LOCALE, { weekday: "narrow", timeZone: "UTC" });
const LONG = new Intl.DateTimeFormat(LOCALE, { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
const date = (iso) => new Date(`${iso}T12:00:00Z`);
const iso = (moment) => moment.toISOString().slice(0, 10);
const plus = (from, days) => iso(new Date(date(from).getTime() + 86_400_000 * days));

class Calendar extends HTMLElement {
  connectedCallback() {
    sheet("settings-calendar.css");
    this.versions = new Versions({ path: "/calendar", changed: () => this.load() });
    fill(this, h("p", { class: "empty" }, t("loading")));
    this.load();
  }

  disconnectedCallback() {
    clearTimeout(this.soon);
  }

  async load(year = this.year) {
    try {
      this.found = await get(`/calendar${query({ year, language })}`);
    } catch (error) {
      fill(this, h("p", { class: "empty", role: "alert" }, told(error)));
      return;
    }
    this.days = structuredClone(this.found.days);
    this.complete = new Set(this.found.complete_years);
    this.#page();
  }

  async #turn(year) {
    try {
      const found = await get(`/calendar${query({ year, language })}`);
      Object.assign(this.found, { year: found.year, special: found.special, published: found.published });
    } catch (error) {
      say(this.said, told(error));
      return;
    }
    this.chosen = null;
    this.#draw();
  }

  #page() {
    this.said = h("p", { class: "said", role: "alert" });
    this.keep = h("button", { type: "button", class: "strong", disabled: true, on: { click: () => this.#put() } }, t(this.found.four_eyes ? "settings_versions.propose_dots" : "settings_versions.put_dots"));
    this.undo = h("button", { type: "button", disabled: true, on: { click: () => this.load() } }, t("settings_versions.undo"));
    this.head = h("div", { class: "year" });
    this.months = h("div", { class: "months", on: { keydown: (event) => this.#key(event) } });
    this.panel = h("section", { class: "panel", "aria-live": "polite" });
    this.own = h("section", {});
    this.effects = h("section", { class: "effects" });
    fill(
      this,
      h("h2", {}, t("settings_calendar.title")),
      h("p", { class: "muted" }, t("settings_calendar.intro")),
      this.head,
      h("ul", { class: "legend" }, ["work", "off", "swapped", "own"].map((one) => h("li", {}, h("span", { class: `cell ${one}`, "aria-hidden": "true" }), t(`settings_calendar.legend_${one}`)))),
      this.months,
      this.panel,
      this.own,
      this.#paste(),
      this.effects,
      h("div", { class: "keep" }, this.said, h("div", { class: "row end" }, this.undo, this.keep)),
      this.versions.node,
    );
    this.versions.show(this.found);
    this.#draw();
  }

  // the year ---------------------------------------------------------------------------------------------------

  #draw() {
    this.year = this.found.year;
    this.special = new Map(this.found.special.map((one) => [one.day, one]));
    const step = (by, key) => h("button", { type: "button", "aria-label": t(`settings_calendar.${key}`), on: { click: () => this.#turn(this.year + by) } }, by < 0 ? "‹" : "›");
    const known = this.found.published || this.complete.has(this.year);
    const tick = h("input", { type: "checkbox", id: "calendar-complete", checked: this.complete.has(this.year), on: { change: () => { this.complete[tick.checked ? "add" : "delete"](this.year); this.#draw(); this.#changed(); } } });
    fill(this.head, step(-1, "before"), h("strong", { role: "status" }, String(this.year)), step(1, "after"), known ? null : h("span", { class: "tag reason" }, t("settings_calendar.not_published")), this.found.swaps_working_days && (!this.found.published || this.complete.has(this.year)) ? h("label", { class: "tick" }, tick, t("settings_calendar.complete")) : null);
    fill(this.months, Array.from({ length: 12 }, (_, month) => this.#month(month)));
    this.#stop();
    this.#panel();
    this.#list();
  }

  #month(month) {
    const first = `${this.year}-${String(month + 1).padStart(2, "0")}-01`;
    const days = new Date(Date.UTC(this.year, month + 1, 0)).getUTCDate();
    const lead = (date(first).getUTCDay() + 6) % 7;
    const cells = [...Array(lead).fill(null), ...Array.from({ length: days }, (_, at) => plus(first, at))];
    const weeks = Array.from({ length: Math.ceil(cells.length / 7) }, (_, at) => cells.slice(at * 7, at * 7 + 7));
    const name = MONTH.format(date(first));
    return h(
      "table",
      { class: "month" },
      h("caption", {}, name),
      h("thead", {}, h("tr", {}, Array.from({ length: 7 }, (_, at) => h("th", { scope: "col" }, WEEKDAY.format(new Date(Date.UTC(2024, 0, 1 + at))))))),
      h("tbody", {}, weeks.map((week) => h("tr", {}, Array.from({ length: 7 }, (_, at) => h("td", {}, week[at] ? this.#cell(week[at]) : null))))),
    );
  }

  #cell(day) {
    return h("button", { type: "button", "data-day": day, tabindex: "-1", class: `cell ${this.#look(day)}`, "aria-label": this.#spoken(day), "aria-pressed": String(day in this.days), on: { click: () => this.#toggle(day) } }, String(Number(day.slice(8))));
  }

  /** As the country's calendar and the policy have it. */
  #base(day) {
    const special = this.special.get(day);
    if (special) return special.kind;
    return this.found.weekend.includes(WEEKDAYS[(date(day).getUTCDay() + 6) % 7]) ? "off" : "work";
  }

  #kind(day) {
    return this.days[day]?.kind ?? this.#base(day);
  }

  #look(day) {
    const weekend = this.found.weekend.includes(WEEKDAYS[(date(day).getUTCDay() + 6) % 7]);
    const kind = this.#kind(day);
    return [kind === "work" && weekend ? "swapped" : kind, kind === "off" && !weekend ? "holiday" : "", this.days[day] ? "own" : "", day === this.chosen ? "chosen" : ""].filter(Boolean).join(" ");
  }

  #spoken(day) {
    const why = this.days[day] ? [t("settings_calendar.own_day"), this.days[day].note] : [this.special.get(day)?.name];
    return [LONG.format(date(day)), t(`settings_calendar.is_${this.#kind(day)}`), ...why].filter(Boolean).join(", ");
  }

  #refresh(day) {
    const old = this.months.querySelector(`[data-day="${day}"]`);
    if (!old) return;
    old.className = `cell ${this.#look(day)}`;
    old.setAttribute("aria-label", this.#spoken(day));
    old.setAttribute("aria-pressed", String(day in this.days));
  }

  #choose(day) {
    const before = this.chosen;
    this.chosen = day;
    for (const one of [before, day]) if (one) this.#refresh(one);
    this.#stop();
    this.#panel();
  }

  #toggle(day) {
    if (this.days[day]) delete this.days[day];
    else this.days[day] = { kind: this.#base(day) === "work" ? "off" : "work", note: "" };
    this.#choose(day);
    this.#list();
    this.#changed();
  }

  /** One day of the year can be reached by Tab, the others by the arrows. */
  #stop() {
    this.months.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    const day = this.chosen?.startsWith(String(this.year)) ? this.chosen : `${this.year}-01-01`;
    this.months.querySelector(`[data-day="${day}"]`)?.setAttribute("tabindex", "0");
  }

  #key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const from = event.target.dataset?.day;
    if (!by || !from) return;
    event.preventDefault();
    const next = this.months.querySelector(`[data-day="${plus(from, by)}"]`);
    if (!next) return;
    event.target.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }

  #panel() {
    const day = this.chosen;
    if (!day) return fill(this.panel, h("p", { class: "hint" }, t("settings_calendar.pick")));
    const own = this.days[day];
    const note = own ? h("input", { id: "calendar-note", maxlength: 100, value: own.note, autocomplete: "off", on: { input: () => { own.note = note.value; this.#refresh(day); this.#list(); this.#changed(); } } }) : null;
    return fill(this.panel, h("p", {}, h("strong", {}, LONG.format(date(day))), " ", h("span", { class: "tag" }, t(`settings_calendar.is_${this.#kind(day)}`)), " ", h("span", { class: "muted" }, this.special.get(day)?.name ?? "")), note ? h("div", { class: "narrow" }, h("label", { for: note.id }, t("settings_calendar.note")), note) : null);
  }

  #list() {
    const all = Object.entries(this.days).sort();
    const row = ([day, one]) => h("li", {}, h("span", {}, LONG.format(date(day))), h("span", { class: `tag ${one.kind === "work" ? "good" : ""}` }, t(`settings_calendar.is_${one.kind}`)), h("span", { class: "muted" }, one.note), h("button", { type: "button", class: "quiet", "aria-label": t("settings_calendar.remove_day", { day: LONG.format(date(day)) }), on: { click: () => { delete this.days[day]; this.#refresh(day); this.#list(); this.#panel(); this.#changed(); } } }, t("settings_calendar.remove")));
    fill(this.own, all.length ? h("details", { class: "own-days", open: this.own.querySelector("details")?.open ?? all.length < 8 }, h("summary", {}, t("settings_calendar.own_days", { n: all.length })), h("ul", {}, all.map(row))) : h("p", { class: "muted" }, t("settings_calendar.no_own_days")));
  }

  // a list that is pasted --------------------------------------------------------------------------------------

  #paste() {
    const text = h("textarea", { id: "calendar-paste", class: "code", rows: 5, spellcheck: "false", "aria-describedby": "calendar-paste-hint" });
    const wrong = h("div", { role: "alert" });
    const read = async () => {
      try {
        const found = await post("/calendar/read", { text: text.value });
        fill(wrong, found.problems.length ? h("ul", { class: "faults" }, found.problems.map((one) => h("li", {}, h("strong", {}, t("settings_calendar.line", { line: one.line, text: one.text })), h("span", {}, one.detail)))) : h("p", { class: "muted" }, t("settings_calendar.read", { n: Object.keys(found.days).length })));
        if (found.problems.length) return;
        Object.assign(this.days, found.days);
        this.#draw();
        this.#changed();
      } catch (error) {
        fill(wrong, h("p", { class: "said" }, told(error)));
      }
    };
    return h("details", { class: "paste" }, h("summary", {}, t("settings_calendar.paste")), h("label", { for: text.id }, t("settings_calendar.paste_label")), text, h("p", { class: "hint", id: "calendar-paste-hint" }, t("settings_calendar.paste_hint")), wrong, h("div", {}, h("button", { type: "button", on: { click: read } }, t("settings_calendar.take"))));
  }

  // what it would change ---------------------------------------------------------------------------------------

  #dirty() {
    const plain = (days, years) => JSON.stringify([Object.entries(days).sort().map(([day, one]) => [day, one.kind, one.note]), [...years].sort()]);
    return plain(this.days, this.complete) !== plain(this.found.days, this.found.complete_years);
  }

  #changed() {
    const dirty = this.#dirty();
    this.keep.disabled = !dirty;
    this.undo.disabled = !dirty;
    clearTimeout(this.soon);
    if (dirty) this.soon = setTimeout(() => this.#check(), PAUSE);
    else fill(this.effects);
  }

  #body() {
    return { days: this.days, complete_years: [...this.complete].sort() };
  }

  async #check() {
    const asked = JSON.stringify(this.#body());
    let found;
    try {
      found = await post("/calendar/check", this.#body());
    } catch (error) {
      say(this.said, told(error));
      return;
    }
    if (!this.isConnected || asked !== JSON.stringify(this.#body())) return;
    say(this.said, "");
    const { before, after } = found.new_ones;
    fill(
      this.effects,
      h("h3", {}, t("settings_calendar.what_changes")),
      found.changed.length ? h("ul", { class: "plain-list" }, found.changed.map((one) => h("li", {}, LONG.format(date(one.day)), ": ", t(`settings_calendar.is_${one.before}`), " → ", h("strong", {}, t(`settings_calendar.is_${one.after}`))))) : h("p", {}, t("settings_calendar.no_change")),
      h("p", {}, before === after ? t("settings_calendar.new_same", { day: shownDay(after) }) : t("settings_calendar.new_changed", { before: shownDay(before), after: shownDay(after) })),
      found.cases.length ? [h("p", {}, t("settings_calendar.cases", { n: found.cases.length })), h("ul", { class: "plain-list" }, found.cases.map((one) => h("li", {}, h("a", { href: `/console/cases/${one.reference ?? one.id}` }, one.reference ?? one.id), `: ${shownDay(one.promised)}`)))] : h("p", { class: "muted" }, t("settings_calendar.no_cases")),
    );
  }

  async #put() {
    const kept = await put({ path: "/calendar", state: this.found, body: this.#body(), title: t("settings_calendar.put_title") });
    if (!kept) return;
    await noticed(t(kept.approved ? "settings_versions.kept" : "settings_versions.proposed", { label: kept.label }), t("close"));
    await this.load();
  }
}

customElements.define("qt-settings-calendar", Calendar);
