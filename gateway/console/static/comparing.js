// Two cases side by side: what both hold of each fact, what agrees and what differs in words and signs, their customers' own words one click
// away, and the decision.

import { get } from "./api.js";
import { fill, h, icon, opened } from "./dom.js";
import { day, money, moment, whole } from "./formats.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const FACTS = ["name", "contact", "occurred_on", "amount", "about", "what_happened", "desired_outcome"];
const STORIES = ["what_happened", "desired_outcome"]; // two people's words for one thing are never the same
const TELLS = { name: ["name"], contact: ["contact"], occurred_on: ["day", "time", "day_near"], amount: ["amount", "amount_near", "amount_told"], about: ["subject", "branch"] }; // which point of the comparison tells of which fact
const SIGNS = { same_value: "check", other_value: "close" };

/** `pair` is the suggestion; `sentence` puts a point in words; `decisions` are the buttons that close this and decide. */
export async function compare(mine, pair, { sentence, decisions }) {
  const body = h("div", { class: "compared" }, h("p", { class: "muted" }, t("loading")));
  const row = h("div", { class: "row end decide" });
  const dialog = h(
    "dialog",
    { class: "wide comparing", "aria-labelledby": "comparing-title" },
    h("div", { class: "row" }, h("h2", { id: "comparing-title" }, t("beside.comparing")), h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close"))),
    body,
    row,
  );
  fill(row, decisions.map(([key, decide, strong]) => h("button", { type: "button", class: strong ? "strong" : "", on: { click: () => (dialog.close(), decide()) } }, t(key))));
  const closed = opened(dialog);
  try {
    const other = await get(`/cases/${pair.case}`);
    fill(body, table(mine, other, pair), more(pair, sentence), h("div", { class: "both-words" }, said(mine, "beside.here"), said(other, "beside.there")));
  } catch (error) {
    fill(body, h("p", { class: "said", role: "alert" }, told(error)));
  }
  await closed;
}

function table(mine, other, pair) {
  const about = (one) => [term("status", one.status), term("channels", one.channel), t("beside.came", { at: moment(one.received_at) }), one.feedback_due ? t("beside.due_on", { day: day(one.feedback_due) }) : ""].filter(Boolean).join(" · ");
  const head = (one, key) => h("th", { scope: "col" }, h("span", { class: "muted" }, t(`beside.${key}`)), " ", h("a", { href: `/console/cases/${one.id}` }, one.reference ?? t("case.draft")), h("span", { class: "about", title: whole(one.received_at) }, about(one)));
  return h(
    "table",
    {},
    h("thead", {}, h("tr", {}, h("td", {}), head(mine, "here"), head(other, "there"))),
    h("tbody", {}, FACTS.map((name) => row(name, mine, other, pair))),
  );
}

function row(name, mine, other, pair) {
  const state = stateOf(name, mine.facts[name], other.facts[name], pair);
  const cell = (one, key) => h("td", { lang: one.language, "data-side": t(`beside.${key}`) }, shown(one.facts[name]) || h("span", { class: "muted" }, "—"));
  return h("tr", { class: state }, h("th", { scope: "row" }, term("facts", name), state ? h("span", { class: "mark-of" }, SIGNS[state] ? icon(SIGNS[state]) : null, t(`beside.${state}`)) : null), cell(mine, "here"), cell(other, "there"));
}

/** What both say of a fact, as the comparison of the two cases has found it. */
function stateOf(name, here, there, pair) {
  if (!shown(here) && !shown(there)) return "neither";
  if (!shown(there)) return "only_here";
  if (!shown(here)) return "only_there";
  if (JSON.stringify(here) === JSON.stringify(there)) return "same_value";
  const codes = TELLS[name] ?? [];
  if (pair.agrees.some(({ about }) => codes.includes(about))) return "same_value";
  return STORIES.includes(name) ? "" : "other_value";
}

const shown = (value) => (value && typeof value === "object" ? money(value) : (value ?? ""));

/** What was compared beside the facts: numbers, wording, staff, time between. */
function more(pair, sentence) {
  const facts = Object.values(TELLS).flat();
  const beside = (points) => points.filter(({ about }) => !facts.includes(about.replace(/^other_/, "")));
  const line = (mark) => (point) => h("li", { class: mark }, icon(mark === "agrees" ? "check" : "close", t(`pair.${mark}`)), h("span", {}, sentence(point)));
  const lines = [...beside(pair.agrees).map(line("agrees")), ...beside(pair.differs).map(line("differs"))];
  return lines.length ? [h("h3", {}, t("beside.more_points")), h("ul", { class: "points" }, lines)] : null;
}

/** What a case's customer wrote, fetched when it is opened. */
function said(record, key) {
  const words = h("div", { class: "words" });
  const open = async ({ currentTarget }) => {
    if (!currentTarget.open || words.childElementCount) return;
    try {
      const talks = await Promise.all(record.conversations.map((id) => get(`/conversations/${id}`)));
      const own = talks.flatMap((talk) => talk.messages.filter((one) => ["customer", "unknown"].includes(one.sender) && [null, record.id].includes(one.case)).map((one) => [talk, one]));
      fill(words, own.length ? own.map(([talk, one]) => h("p", { class: "text", lang: talk.language }, h("time", { class: "muted", datetime: one.at }, moment(one.at)), " ", one.text)) : h("p", { class: "muted" }, t("beside.no_words")));
    } catch (error) {
      fill(words, h("p", { class: "said", role: "alert" }, told(error)));
    }
  };
  return h("details", { on: { toggle: open } }, h("summary", {}, `${t(key)}: ${t("beside.told_here")}`), words);
}
