// Quality samples: drawn, their sheets scored; what the sheets say together; and the measures that follow (handbook chapter 8).

import { get, post, query, session } from "./api.js";
import { fill, h, say } from "./dom.js";
import { day, dayFrom, shortly, today } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { sheetOf } from "./supervise-sheet.js";
import { language, room, t, term } from "./words.js";

const CHANNELS = ["webchat", "webform", "email", "telegram", "phone", "letter", "counter"];
const CATEGORIES = ["service", "product", "violation", "other"];
const PARTS = ["samples", "results", "measures"];
let left = { part: "samples" }; // where this was left for a case; gone with the tab
session.addEventListener("forgotten", () => (left = { part: "samples" }));

class Quality extends HTMLElement {
  async connectedCallback() {
    sheet("supervise-quality.css");
    this.writes = this.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
    this.parts = h("div", { class: "parts", role: "group", "aria-label": t("supervise_quality.parts") }, PARTS.map((name) => h("button", { type: "button", "data-part": name, on: { click: () => this.#go({ part: name }) } }, t(`supervise_quality.${name}`))));
    this.room = h("div", { class: "quality-room" });
    fill(this, h("h2", {}, t("supervise_quality.title")), h("p", { class: "hint" }, t("supervise_quality.about")), this.parts, this.room);
    await room("quality-sheet");
    this.#go(left);
  }

  async #go(to) {
    left = to;
    for (const button of this.parts.children) button.setAttribute("aria-pressed", String(button.dataset.part === to.part));
    fill(this.room, h("p", { class: "empty" }, t("loading")));
    try {
      const nodes = await (to.sheet ? this.#sheet(to) : to.sample ? this.#sample(to.sample) : { samples: () => this.#samples(), results: () => this.#results(to), measures: () => this.#measures() }[to.part]());
      if (left === to && this.isConnected) fill(this.room, nodes);
    } catch (error) {
      if (left === to) fill(this.room, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  // samples --------------------------------------------------------------------------------------------------

  async #samples() {
    const { items } = await get("/quality/samples");
    const card = (one) =>
      h(
        "li",
        { class: "card" },
        h("p", { class: "meta" }, h("button", { type: "button", class: "link", on: { click: () => this.#go({ part: "samples", sample: one }) } }, h("strong", {}, this.#period(one))), h("span", { class: `tag${one.handed_in === one.sheets ? " good" : ""}` }, t("supervise_quality.progress", { done: one.handed_in, n: one.sheets }))),
        h("p", { class: "muted" }, [t("supervise_quality.drawn", { name: one.by, time: shortly(one.at) }), this.#filters(one.chosen)].filter(Boolean).join(" · ")),
      );
    return [this.writes ? this.#drawing() : null, items.length ? h("ul", { class: "cards" }, items.map(card)) : h("p", { class: "empty" }, t("supervise_quality.none"))];
  }

  #period({ chosen }) {
    const last = new Date(Date.parse(chosen.until) - 1).toISOString();
    return t("supervise_quality.period", { first: day(local(chosen.from)), last: day(local(last)) });
  }

  #filters({ agent, channel, category }) {
    const name = this.agents.find((one) => one.username === agent)?.name ?? agent;
    return [name, term("channels", channel), term("category", category)].filter(Boolean).join(t("list_comma"));
  }

  #drawing() {
    const input = (id, attributes) => h("input", { id, required: true, ...attributes });
    const first = input("first-day", { type: "date", value: dayFrom(-30), max: today() });
    const last = input("last-day", { type: "date", value: today() });
    const count = input("count", { type: "number", min: 1, max: 50, value: "5" });
    const agent = select("agent", this.agents.map((one) => [one.username, one.name]));
    const channel = select("channel", CHANNELS.map((one) => [one, term("channels", one)]));
    const category = select("category", CATEGORIES.map((one) => [one, term("category", one)]));
    const problem = h("p", { class: "said", role: "alert" });
    const button = h("button", { type: "submit", class: "strong" }, t("supervise_quality.draw"));
    const drawing = async (event) => {
      event.preventDefault();
      button.disabled = true;
      const chosen = Object.fromEntries(Object.entries({ agent: agent.value, channel: channel.value, category: category.value }).filter(([, value]) => value));
      try {
        const sample = await post("/quality/samples", { first_day: first.value, last_day: last.value, count: Number(count.value), ...chosen });
        this.#go({ part: "samples", sample });
      } catch (error) {
        say(problem, told(error));
      } finally {
        button.disabled = false;
      }
    };
    const fields = [["first_day", first], ["last_day", last], ["count", count], ["agent", agent], ["channel", channel], ["category", category]];
    return h("form", { class: "drawing", on: { submit: drawing } }, h("h3", {}, t("supervise_quality.draw_title")), h("div", { class: "drawing-fields" }, fields.map(([name, field]) => h("div", {}, h("label", { for: field.id }, t(`supervise_quality.${name}`)), field))), h("p", { class: "hint" }, t("supervise_quality.fair")), problem, h("div", {}, button));
  }

  async #sample(sample) {
    const { items } = await get(`/quality/samples/${sample.id}/sheets`);
    const checked = h("p", { class: "hint", role: "status" });
    const check = async () => {
      try {
        const found = await get(`/quality/samples/${sample.id}/check`);
        say(checked, t(found.same ? "supervise_quality.same" : "supervise_quality.differs", { n: found.pool_size, seed: found.seed }));
      } catch (error) {
        say(checked, told(error));
      }
    };
    const row = (one) =>
      h(
        "tr",
        {},
        h("td", {}, h("button", { type: "button", class: "link", on: { click: () => this.#go({ part: "samples", sample, sheet: one.id }) } }, one.reference)),
        h("td", {}, one.handler_name),
        h("td", {}, term("channels", one.channel)),
        h("td", {}, h("span", { class: `tag${one.state === "handed_in" ? " good" : ""}` }, t(`quality_sheet.state_${one.state}`))),
        h("td", { class: "number" }, one.score ?? "—"),
      );
    const out = Object.entries(sample.left_out).filter(([, n]) => n).map(([why, n]) => t(`supervise_quality.left_${why}`, { n }));
    return [
      h("p", {}, h("button", { type: "button", class: "link", on: { click: () => this.#go({ part: "samples" }) } }, `← ${t("supervise_quality.samples")}`)),
      h("h3", {}, this.#period(sample)),
      h("p", { class: "muted" }, [t("supervise_quality.drawn", { name: sample.by, time: shortly(sample.at) }), this.#filters(sample.chosen), t("supervise_quality.pool", { n: sample.pool_size }), ...out].filter(Boolean).join(" · ")),
      items.length ? table([["case"], ["handler"], ["channel"], ["state"], ["score", "number"]], items.map(row)) : h("p", { class: "empty" }, t("supervise_quality.empty")),
      h("div", { class: "row" }, h("button", { type: "button", on: { click: check } }, t("supervise_quality.check"))),
      checked,
    ];
  }

  #sheet({ sample, sheet: id }) {
    return sheetOf(id, { me: this.me, back: () => this.#go({ part: "samples", sample }) });
  }

  // together -------------------------------------------------------------------------------------------------

  async #results(to) {
    const chosen = { agent: to.agent ?? "", channel: to.channel ?? "" };
    const found = await get(`/quality/results${query(chosen)}`);
    const again = () => this.#go({ part: "results", agent: agent.value, channel: channel.value });
    const agent = select("of-agent", this.agents.map((one) => [one.username, one.name]), chosen.agent, again);
    const channel = select("of-channel", CHANNELS.map((one) => [one, term("channels", one)]), chosen.channel, again);
    const part = (name, items, title) => (items.length ? [h("h3", {}, t(`supervise_quality.by_${name}`)), table([[name], ["n", "number"], ["average", "number"]], items.map((one) => figure(title(one), one, found.least)))] : null);
    return [
      h("div", { class: "drawing-fields" }, [["agent", agent], ["channel", channel]].map(([name, field]) => h("div", {}, h("label", { for: field.id }, t(`supervise_quality.${name}`)), field))),
      found.all.n
        ? [found.all.average === null ? h("p", {}, t("supervise_quality.few", { n: found.all.n })) : h("p", { class: "whole" }, h("strong", { class: "score" }, found.all.average), " ", t("supervise_quality.of", { n: found.all.n })), h("p", { class: "hint" }, t("supervise_quality.least", { n: found.least })), part("criterion", found.criteria, (one) => one.name[language]), part("agent", found.agents, (one) => one.name), part("channel", found.channels, (one) => term("channels", one.channel)), part("month", found.months, (one) => one.month)]
        : h("p", { class: "empty" }, t("supervise_quality.no_results")),
    ];
  }

  // measures -------------------------------------------------------------------------------------------------

  async #measures() {
    const [{ items }, { criteria }] = await Promise.all([get("/quality/measures"), get("/quality/criteria")]);
    const names = Object.fromEntries(criteria.map((one) => [one.id, one.name[language]]));
    const card = (one) =>
      h(
        "li",
        { class: "card" },
        h("p", { class: "meta" }, h("strong", {}, one.who), h("span", { class: `tag${one.overdue ? " bad" : one.done_at ? " good" : ""}` }, one.done_at ? t("supervise_quality.done_by", { name: one.done_by, time: shortly(one.done_at) }) : t("supervise_quality.due", { day: day(one.due_on) })), one.criterion ? h("span", { class: "tag" }, names[one.criterion] ?? one.criterion) : null),
        h("p", { class: "text" }, one.text),
        one.note ? h("p", { class: "muted" }, one.note) : null,
        this.writes && !one.done_at ? this.#ticking(one) : null,
      );
    return [this.writes ? this.#adding(criteria) : null, items.length ? h("ul", { class: "cards" }, items.map(card)) : h("p", { class: "empty" }, t("supervise_quality.no_measures"))];
  }

  #ticking(one) {
    const note = h("input", { type: "text", maxlength: 2000, "aria-label": t("supervise_quality.note"), placeholder: t("supervise_quality.note") });
    const problem = h("p", { class: "said", role: "alert" });
    const done = async (event) => {
      event.preventDefault();
      await this.#try(problem, () => post(`/quality/measures/${one.id}/done`, { note: note.value.trim() }));
    };
    return h("form", { class: "row", on: { submit: done } }, note, h("button", { type: "submit" }, t("supervise_quality.tick")), problem);
  }

  #adding(criteria) {
    const text = h("textarea", { id: "measure-text", rows: 2, maxlength: 2000, required: true });
    const who = h("input", { id: "measure-who", maxlength: 200, required: true });
    const due = h("input", { id: "measure-due", type: "date", required: true, value: dayFrom(30) });
    const criterion = select("measure-criterion", criteria.map((one) => [one.id, one.name[language]]), "", null, "—");
    const problem = h("p", { class: "said", role: "alert" });
    const add = async (event) => {
      event.preventDefault();
      const about = criterion.value ? { criterion: criterion.value } : {};
      await this.#try(problem, () => post("/quality/measures", { text: text.value.trim(), who: who.value.trim(), due_on: due.value, ...about }));
    };
    const fields = [["measure_who", who], ["measure_due", due], ["measure_criterion", criterion]];
    return h("form", { class: "drawing", on: { submit: add } }, h("label", { for: text.id }, t("supervise_quality.measure_text")), text, h("div", { class: "drawing-fields" }, fields.map(([name, field]) => h("div", {}, h("label", { for: field.id }, t(`supervise_quality.${name}`)), field))), problem, h("div", {}, h("button", { type: "submit", class: "strong" }, t("supervise_quality.measure_add"))));
  }

  async #try(problem, work) {
    try {
      await work();
      this.#go({ part: "measures" });
    } catch (error) {
      say(problem, told(error));
    }
  }
}

/** A moment's day in the institution's zone. */
const local = (iso) => new Intl.DateTimeFormat("en-CA", { timeZone: document.documentElement.dataset.zone, year: "numeric", month: "2-digit", day: "2-digit" }).format(new Date(iso));

function select(id, values, value = "", change = null, none = t("supervise_quality.any")) {
  const made = h("select", { id, on: change ? { change } : {} }, h("option", { value: "" }, none), values.map(([one, name]) => h("option", { value: one }, name)));
  made.value = value;
  return made;
}

function table(columns, rows) {
  return h("div", { class: "scrolled", tabindex: "0", role: "region", "aria-label": t("supervise_quality.title") }, h("table", {}, h("thead", {}, h("tr", {}, columns.map(([name, kind]) => h("th", { scope: "col", class: kind ?? null }, t(`supervise_quality.column_${name}`))))), h("tbody", {}, rows)));
}

/** A line of a table: what it is of, of how many, and the average with a bar, unless too little is known. */
function figure(title, { n, average }, least) {
  const shown = average === null ? h("span", { class: "muted", title: t("supervise_quality.least", { n: least }) }, "—") : [h("meter", { min: 0, max: 100, value: average, "aria-hidden": "true" }), " ", average];
  return h("tr", {}, h("th", { scope: "row" }, title), h("td", { class: "number" }, n), h("td", { class: "number" }, shown));
}

customElements.define("qt-supervise-quality", Quality);
