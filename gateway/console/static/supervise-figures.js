// Figures on a period: what came, what was resolved, how long it took, by category, risk and agent; charts that print, and files.

import { get, query } from "./api.js";
import { fill, h, say } from "./dom.js";
import { day, shortly, today } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { chart } from "./supervise-figures-chart.js";
import { language, t, term } from "./words.js";

const PERIODS = ["this_week", "four_weeks", "quarter", "own"];
const FILTERS = {
  channel: ["webchat", "webform", "email", "telegram", "phone", "letter", "counter"],
  category: ["service", "product", "violation", "other"],
  risk: ["minor", "general", "major"],
  language: ["zh-Hans", "zh-Hant", "en"],
};
const MEASURES = ["received", "registered", "resolved", "withdrawn", "reopened", "due", "overdue"];
const TILES = ["received", "registered", "resolved", "open", "overdue", "reopened", "withdrawn", "drafts"];
const SPANS = ["first_house", "first_person", "lag", "handling"];
const BY = ["channel", "category", "risk", "disposition", "outcome", "language", "account", "about"];
const OF_AGENTS = ["taken", "answered", "messages", "first_answers", "resolved", "overdue"];
const TERMS = { channel: "channels", language: "languages" };
const DAY = 86_400_000;
const noon = (written) => new Date(`${written}T12:00:00Z`);
const w = (key, values) => t(`supervise_figures.${key}`, values);

class Figures extends HTMLElement {
  chosen = JSON.parse(sessionStorage.getItem("qt.figures") ?? '{"period":"four_weeks","group":"week"}');
  #asked = 0;

  connectedCallback() {
    sheet("supervise-figures.css");
    this.said = h("p", { class: "said", role: "alert" });
    this.shown = h("div", { class: "shown" });
    this.controls = h("form", { class: "controls", on: { submit: (event) => event.preventDefault() } });
    fill(this, h("h2", {}, w("title")), this.controls, this.said, this.shown);
    this.#makeControls();
    this.#load();
  }

  // what is asked --------------------------------------------------------------------------------------------

  #makeControls() {
    const choice = (name, label, options) => h("label", {}, h("span", {}, label), h("select", { name, on: { change: (event) => this.#choose({ [name]: event.target.value }) } }, options.map(([value, words]) => h("option", { value, selected: value === (this.chosen[name] ?? "") }, words))));
    const date = (name) => h("label", { class: "own", hidden: this.chosen.period !== "own" }, h("span", {}, w(name)), h("input", { type: "date", name, value: this.chosen[name] ?? "", max: today(), on: { change: (event) => this.#choose({ [name]: event.target.value }) } }));
    fill(
      this.controls,
      choice("period", w("period"), PERIODS.map((one) => [one, w(one)])),
      date("from"),
      date("to"),
      choice("group", w("group"), [["week", w("week")], ["day", w("day")]]),
      Object.entries(FILTERS).map(([name, values]) => choice(name, w(`dimension.${name}`), [["", w("any")], ...values.map((one) => [one, term(TERMS[name] ?? name, one)])])),
    );
  }

  #choose(values) {
    Object.assign(this.chosen, values);
    if (values.period === "own") Object.assign(this.chosen, { from: this.chosen.from || daysAgo(27), to: this.chosen.to || today() });
    sessionStorage.setItem("qt.figures", JSON.stringify(this.chosen));
    for (const own of this.controls.querySelectorAll(".own")) {
      own.hidden = this.chosen.period !== "own";
      own.querySelector("input").value = this.chosen[own.querySelector("input").name] ?? "";
    }
    this.#load();
  }

  get #question() {
    const { period, from, to, ...rest } = this.chosen;
    return { ...(period === "own" ? { from, to } : { from: begins(period), to: today() }), ...rest };
  }

  async #load() {
    const asked = ++this.#asked;
    this.shown.setAttribute("aria-busy", "true");
    try {
      const found = await get(`/reports/figures${query(this.#question)}`);
      if (asked !== this.#asked) return;
      say(this.said, "");
      this.#show(found);
    } catch (error) {
      if (asked === this.#asked) say(this.said, told(error));
    } finally {
      if (asked === this.#asked) this.shown.removeAttribute("aria-busy");
    }
  }

  // what is shown --------------------------------------------------------------------------------------------

  #show(found) {
    const period = `${day(found.from)} – ${day(found.to)}`;
    fill(
      this.shown,
      h("p", { class: "muted as-asked" }, h("strong", {}, period), " ", w("asked", { time: shortly(found.asked_at), zone: found.zone, policy: found.policy_version })),
      this.#tiles(found),
      this.#exports(),
      this.#charts(found),
      this.#parts(found),
      this.#times(found),
      this.#breakdown(found),
      this.#agents(found),
      counted(found),
    );
  }

  #tiles({ total }) {
    const share = total.due ? w("overdue_share", { share: percent(total.overdue, total.due), n: total.due }) : null;
    return h("dl", { class: "tiles" }, TILES.map((one) => h("div", { "data-figure": one }, h("dt", {}, w(`measure.${one}`)), h("dd", {}, h("strong", {}, String(total[one])), one === "overdue" && share ? h("span", { class: "rest" }, share) : null))));
  }

  #exports() {
    const of = h("select", { id: "export-of", "aria-label": w("cases_of"), on: { change: () => this.#hrefs() } }, MEASURES.map((one) => h("option", { value: one }, w(`measure.${one}`))));
    const link = (what, format) => h("a", { class: "button", download: true, "data-what": what, "data-format": format, href: "#" }, w(`${what}_${format}`));
    this.exports = h("div", { class: "exports" }, h("h3", {}, w("export")), h("div", { class: "row" }, link("figures", "csv"), link("figures", "xlsx"), h("label", { for: "export-of" }, w("cases_of")), of, link("cases", "csv"), link("cases", "xlsx")), h("p", { class: "hint" }, w("export_about")));
    this.#hrefs();
    return this.exports;
  }

  #hrefs() {
    for (const link of this.exports.querySelectorAll("a")) {
      const { what, format } = link.dataset;
      const of = what === "cases" ? { of: this.exports.querySelector("select").value } : {};
      link.href = `/api/v1/reports/${what}/export${query({ ...this.#question, ...of, format, words: language })}`;
    }
  }

  #charts(found) {
    const labels = found.parts.map((part) => ({ short: shortDay(part.from), whole: nameOf(part) }));
    const one = (title, series, stacked, n) => chart({ title, told: w("chart_told", { title, from: day(found.from), to: day(found.to), n }), labels, series, stacked });
    const of = (by) => FILTERS[by].map((value) => ({ name: term(by, value), values: found.by[by].find((row) => row.value === value)?.parts ?? labels.map(() => 0) }));
    const flow = ["received", "resolved"].map((name) => ({ name: w(`measure.${name}`), values: found.parts.map((part) => part[name]) }));
    return h("div", { class: "charts" }, one(w("chart_flow"), flow, false, found.total.received), one(w("chart_category"), of("category"), true, found.total.received), one(w("chart_risk"), of("risk"), true, found.total.received));
  }

  #parts(found) {
    const columns = [...MEASURES, "open", "drafts"];
    const row = (name, part) => h("tr", {}, h("th", { scope: "row" }, name), columns.map((one) => h("td", { class: "n" }, part[one] === null ? "–" : String(part[one]))));
    return table("parts", [w("period"), ...columns.map((one) => w(`measure.${one}`))], [...found.parts.map((part) => row(nameOf(part), part)), row(w("total"), found.total)], { foot: true });
  }

  #times(found) {
    const heads = [w("span"), w("time_count"), w("time_missing"), ...["worked", "wall"].flatMap((clock) => ["median", "p90"].map((rank) => clocked(clock, rank))), w("in_time")];
    const row = (name) => h("tr", {}, h("th", { scope: "row" }, w(`spans.${name}`)), timeCells(found.total.times[name]));
    return table("times", heads, SPANS.map(row));
  }

  #breakdown(found) {
    const heads = (by) => [w(`dimension.${by}`), ...MEASURES.map((one) => w(`measure.${one}`))];
    const row = (by) => (one) => h("tr", {}, h("th", { scope: "row" }, valueOf(by, one.value)), MEASURES.map((measure) => h("td", { class: "n" }, String(one[measure]))));
    const some = BY.filter((by) => found.by[by].length);
    return h("section", {}, h("h3", {}, w("breakdown")), some.length ? null : h("p", { class: "muted" }, w("none")), some.map((by) => h("details", { class: "by", "data-by": by }, h("summary", {}, w(`dimension.${by}`)), plain(heads(by), found.by[by].map(row(by)), w(`dimension.${by}`)))));
  }

  #agents(found) {
    const heads = [w("agent"), ...OF_AGENTS.map((one) => w(`agent_${one}`)), clocked("worked", "median"), clocked("worked", "p90")];
    const row = (one) => h("tr", {}, h("th", { scope: "row" }, one.name), OF_AGENTS.map((name) => h("td", { class: "n" }, String(one[name]))), ["median", "p90"].map((rank) => h("td", { class: "n" }, span(one.handling.worked[rank]))));
    return table("agents", heads, found.agents.map(row), { about: w("agents_about") });
  }
}

const SHORT = new Intl.DateTimeFormat({ "zh-Hans": "zh-Hans-CN", "zh-Hant": "zh-Hant-HK", en: "en-GB" }[language], { timeZone: "UTC", month: "short", day: "numeric" });
const shortDay = (date) => SHORT.format(noon(date));
const nameOf = (part) => (part.from === part.to ? day(part.from) : `${shortDay(part.from)} – ${shortDay(part.to)}`);
const valueOf = (by, value) => (value === "" ? w("no_value") : term(TERMS[by] ?? by, value));
const clocked = (clock, rank) => w("clock_rank", { clock: w(`head_${clock}`), rank: w(rank) });
const percent = (some, all) => `${Math.round((100 * some) / all)} %`;

/** So many seconds, as a person reads them. */
function span(seconds) {
  if (seconds === null) return "–";
  const minutes = Math.round(seconds / 60);
  return minutes < 60 ? w("minutes", { n: minutes }) : w("hours", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") });
}

function timeCells(one) {
  const spans = ["worked", "wall"].flatMap((clock) => [one[clock].median, one[clock].p90]);
  const share = one.of ? w("share", { share: percent(one.within, one.of), within: one.within, of: one.of }) : "–";
  return [one.count, one.missing, ...spans.map(span), share].map((value) => h("td", { class: "n" }, String(value)));
}

function table(name, heads, rows, { about = null, foot = false } = {}) {
  return h("section", { "data-table": name }, h("h3", {}, w(name)), about ? h("p", { class: "hint" }, about) : null, plain(heads, rows, w(name), foot));
}

function plain(heads, rows, label, foot = false) {
  const [body, last] = foot ? [rows.slice(0, -1), rows.slice(-1)] : [rows, []];
  return h("div", { class: "wide", role: "region", tabindex: "0", "aria-label": label }, h("table", {}, h("thead", {}, h("tr", {}, heads.map((one, at) => h("th", { scope: "col", class: at ? "n" : "" }, one)))), h("tbody", {}, body), last.length ? h("tfoot", {}, last) : null));
}

/** What each number counts, in words. */
function counted(found) {
  const named = [...TILES, "due"].map((one) => [w(`measure.${one}`), w(`counts.${one}`)]);
  const timed = SPANS.map((one) => [w(`spans.${one}`), w(`counts.${one}`, { hours: found.first_answer_hours })]);
  return h("details", { class: "counted" }, h("summary", {}, w("counted")), h("dl", {}, [...named, ...timed].map(([name, words]) => h("div", {}, h("dt", {}, name), h("dd", {}, words)))), h("p", {}, w("counts.merged"), " ", w("counts.about")));
}

// periods, by the institution's days -------------------------------------------------------------------------------

const written = (date) => date.toISOString().slice(0, 10);
const daysAgo = (days) => written(new Date(noon(today()) - days * DAY));
const sinceMonday = () => (noon(today()).getUTCDay() + 6) % 7;

function begins(period) {
  if (period === "this_week") return daysAgo(sinceMonday());
  if (period === "four_weeks") return daysAgo(sinceMonday() + 21);
  const now = noon(today());
  return written(new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - (now.getUTCMonth() % 3), 1, 12)));
}

customElements.define("qt-supervise-figures", Figures);
