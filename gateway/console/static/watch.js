// What comes to whoever sits here from oversight: an emergency, for everybody; surges of complaints, for those who supervise; score sheets
// about their own cases. The bars stand under those that alarm of danger, and say what there is in words.

import { get } from "./api.js";
import { fill, h, icon } from "./dom.js";
import { moment } from "./formats.js";
import { sheet } from "./sections.js";
import { room, t, term } from "./words.js";

const MISSED = 5_000; // milliseconds

/** Watches until what it answers is called. `alarm.bar` is where bars stand. */
export function watch({ live, me, forYou, alarm }) {
  sheet("watch.css");
  const supervises = me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  const emergency = h("div", { class: "watched", role: "alert" });
  const surges = h("div", { class: "watched", role: "alert" });
  alarm.bar.after(emergency, surges);
  const fetchers = {
    quality: () => get("/quality/mine?limit=1").then((found) => forYou.tell(found.unseen)),
    emergency: () => get("/emergency?state=lasting").then(({ items }) => show(emergency, items, items.map((one) => declared(one, supervises)))),
    ...(supervises && { surge: () => get("/surges?state=open").then(({ items }) => ring(surges, items.filter((one) => !one.acknowledged_at))) }),
  };
  const again = {};
  let over = false;
  // what is shown stays; an emergency must not wait for the next hint
  const load = (kind) => fetchers[kind]?.().catch(() => over || (again[kind] ??= setTimeout(() => (delete again[kind], load(kind)), MISSED)));
  const changed = ({ detail }) => load(detail.kind);
  const all = () => Object.keys(fetchers).forEach(load);
  live.addEventListener("changed", changed);
  live.addEventListener("reload", all);
  room("watch").then(all);
  return () => {
    over = true;
    Object.values(again).forEach(clearTimeout);
    live.removeEventListener("changed", changed);
    live.removeEventListener("reload", all);
  };
}

/** Only where it is another: a bar that says the same again would be read aloud again. */
function show(bar, items, rows) {
  const sign = JSON.stringify(items.map(({ id }) => id));
  if (bar.sign === sign) return;
  bar.sign = sign;
  fill(bar, rows);
}

function declared(one, supervises) {
  const where = one.about ?? (one.cases.length ? one.cases.join(t("list_comma")) : t("watch.everywhere"));
  const words = [icon("alert"), h("strong", {}, t("watch.emergency", { where })), h("span", {}, one.reason), h("span", { class: "by" }, t("watch.by", { name: one.declared_by, time: moment(one.declared_at) }))];
  return supervises ? h("a", { class: "watched-row", href: "/console/supervise/surges" }, words) : h("p", { class: "watched-row" }, words);
}

/** One line however many there are: a bad hour must not bury the console under its alarms. */
function ring(bar, items) {
  const [first] = items;
  const words = items.length > 1 ? [h("strong", {}, t("watch.surges", { n: items.length })), h("span", {}, items.slice(0, 4).map(what).join(t("list_comma")))] : first && [h("strong", {}, t(`watch.${first.kind}`)), h("span", {}, what(first))];
  show(bar, items, words ? h("a", { class: "watched-row surge", href: "/console/supervise/surges" }, icon("alert"), words, h("span", { class: "go" }, t("watch.more"))) : []);
}

/** What there is so much of. */
export function what({ dimension, value }) {
  if (dimension === "all") return t("watch.all");
  return dimension === "channel" ? term("channels", value) : dimension === "category" ? term("category", value) : value;
}
