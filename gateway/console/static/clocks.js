// The clocks of a case in working time: what runs, how much is left or over, since when and by which policy.
//
// The gateway tells what is left and the hours in which people work; the page counts on between. Outside those hours every clock
// stands still, and that is said.

import { get } from "./api.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { moment, shortly, whole } from "./formats.js";
import { sheet } from "./sections.js";
import { t, term } from "./words.js";

const EVERY = 15_000; // milliseconds
const FAR = 69 * 86_400_000; // the hours are told for so long before and behind

class Clocks extends HTMLElement {
  #sign = null;
  #told = null;

  connectedCallback() {
    sheet("beside.css");
    this.ticking = setInterval(() => (this.#isTold() ? this.#count() : this.show(this.record)), EVERY);
  }

  disconnectedCallback() {
    clearInterval(this.ticking);
  }

  /** Fetches the clocks of a case; of the same version too, for a task or a conversation may have changed. */
  async show(record) {
    if (this.record?.id !== record.id) fill(this);
    this.record = record;
    const sign = (this.#sign = {});
    const told = await get(`/cases/${record.id}/clocks`).catch(() => null);
    if (!told || this.#sign !== sign) return;
    this.#told = { ...told, ahead: Date.parse(told.now) - Date.now(), days: told.openings.map(({ hours }) => hours.map((span) => span.map(Date.parse))) };
    this.#draw();
  }

  #draw() {
    const { items } = this.#told;
    const running = items.filter((one) => !one.stopped_at);
    const stopped = items.filter((one) => one.stopped_at);
    if (!this.list) {
      this.still = h("p", { class: "still" }, icon("clock"), h("span", {}));
      this.list = h("ul", { class: "clocks", "aria-label": t("beside.clocks") });
      this.done = h("ul", { class: "clocks done" });
      this.over = h("details", {}, h("summary", {}, h("span", {})), this.done);
    }
    this.hidden = !items.length;
    if (!this.list.isConnected) fill(this, this.list, this.still, this.over);
    const key = (one) => [one.name, one.about, one.conversation, one.started_at].join(" ");
    const fixed = ({ working_seconds_left, working_rest, working_days, stands_still_until, over, ...rest }) => JSON.stringify(rest);
    keyed(this.list, running, { key, signature: fixed, make: (one) => this.#running(one) });
    keyed(this.done, stopped, { key, signature: fixed, make: (one) => this.#stopped(one) });
    this.over.hidden = !stopped.length;
    say(this.over.querySelector("summary span"), t("beside.stopped", { n: stopped.length }));
    this.list.hidden = !running.length;
    this.#count();
  }

  #running(one) {
    const node = h("li", {}, h("span", { class: "name" }, named(one)), h("strong", { class: "left" }), h("span", { class: "until" }, t("beside.due"), " ", h("time", { datetime: one.due_at }, shortly(one.due_at))), h("span", { class: "since", title: whole(one.started_at) }, since(one)));
    node.left = node.querySelector(".left");
    return node;
  }

  #stopped(one) {
    return h("li", {}, h("span", { class: "name" }, named(one)), h("strong", { class: one.kept ? "left kept" : "left over" }, t(one.kept ? "beside.kept" : "beside.missed", { at: shortly(one.stopped_at) })), h("span", { class: "since" }, since(one)));
  }

  /** What is left now, by the hours that were told. */
  #count() {
    if (!this.#told || !this.isConnected || this.hidden) return;
    const now = Date.now() + this.#told.ahead;
    const { days, items } = this.#told;
    const running = items.filter((one) => !one.stopped_at);
    running.forEach((one, at) => this.#countOne(this.list.children[at], one, now));
    const next = days.flat().find(([opens, closes]) => closes > now);
    this.still.hidden = !running.length || !next || next[0] <= now;
    if (!this.still.hidden) say(this.still.querySelector("span"), t("beside.still", { until: shortly(new Date(next[0]).toISOString()) }));
  }

  /** Whether the hours that were told go on. In a house that is closed for weeks they may not, and are asked for again now and then. */
  #isTold() {
    if (!this.#told || this.hidden) return true;
    const now = Date.now() + this.#told.ahead;
    return this.#told.items.every((one) => one.stopped_at) || this.#told.days.flat().some(([, closes]) => closes > now);
  }

  #countOne(node, one, now) {
    const due = Date.parse(one.due_at);
    const far = Math.abs(due - Date.parse(this.#told.now)) > FAR;
    const over = now > due;
    const time = far ? { days: one.working_days, rest: one.working_rest } : between(this.#told.days, Math.min(now, due), Math.max(now, due));
    const none = !time.days && time.rest < 60;
    node.className = over ? "over" : time.days ? "" : "soon";
    say(node.left, over ? (none ? t("beside.just_over") : t("beside.over", { time: length(time) })) : none ? t("beside.none_left") : t("beside.left", { time: length(time) }));
  }
}

/** Whole working days, and the seconds beside them, between two moments: a day is whole when all its hours lie between them. */
function between(days, start, end) {
  let [whole_, rest] = [0, 0];
  for (const spans of days) {
    if (start <= spans[0][0] && spans.at(-1)[1] <= end) whole_ += 1;
    else rest += spans.reduce((sum, [opens, closes]) => sum + Math.max(0, Math.min(closes, end) - Math.max(opens, start)), 0);
  }
  return { days: whole_, rest: Math.floor(rest / 1000) };
}

function length({ days, rest }) {
  const [hours, minutes] = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60)];
  return [days ? t(days === 1 ? "beside.one_day" : "beside.days", { n: days }) : "", hours ? t("beside.hours", { n: hours }) : "", !days && minutes ? t("beside.minutes", { n: minutes }) : ""].filter(Boolean).join(" ");
}

function named(one) {
  if (one.name === "task") return t("beside.of_task", { kind: term("task", one.about) });
  return [term("clock", one.name), one.about ? t("beside.round", { n: one.about }) : ""].filter(Boolean).join(" · ");
}

/** “from registration (28 Nov 16:33), 7 working days, policy default-2026-1” */
function since(one) {
  const [n, unit] = (one.limit ?? "").split(" ");
  const limit = unit ? t("beside.limit", { n, unit: term("clock_unit", unit) }) : "";
  return [t("beside.since", { event: term("clock_starts", one.starts_at), at: moment(one.started_at) }), limit, t("beside.policy", { version: one.policy })].filter(Boolean).join(" · ");
}

customElements.define("qt-clocks", Clocks);
