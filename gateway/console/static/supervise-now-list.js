// The list behind a number of the board, and moving what stands in it: to a colleague, or back to the queue, with the reason.

import { get, query } from "./api.js";
import { Work } from "./bulk.js";
import { Choosing } from "./choosing.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { day, daysLeft, left, moment, since, whole } from "./formats.js";
import { told } from "./problems.js";
import { NOBODY, QUEUE, whither } from "./supervise-now-moving.js";
import { title as teamTitle } from "./teams.js";
import { t, term } from "./words.js";

const CASES = ["open", "overdue", "due_today", "due_soon", "overdue_major", "unassigned"];
const OF_AGENT = ["agents", "unanswered", "put_off", "open", "overdue"];
const MOST = 100;

/** The address of the list behind a number: all of it, or a part. */
export const href = (of, by = null, value = null) => `/console/supervise/now/${of}${by ? `/${by}/${encodeURIComponent(value)}` : ""}`;
export const title = (of) => t(`supervise_now.${of}`);
/** The same where it stands beside an agent's name. */
export const ofAgent = (of) => t(`supervise_now.${{ agents: "talks", unanswered: "asks" }[of] ?? of}`);

export class Behind {
  #asked = 0;

  /** `agents`: those of the board, as they stand. */
  constructor({ node, of, by, value, live, me, agents, again }) {
    Object.assign(this, { node, of, by, value, live, me, agents, again });
    this.cases = CASES.includes(of);
    this.list = h("ul", { class: "rows" });
    this.empty = h("p", { class: "empty" }, t("loading"));
    this.heading = h("h3", { tabindex: "-1" });
    this.all = h("button", { type: "button", class: "link", hidden: true, on: { click: () => this.choosing.everything() } }, t("supervise_now.choose_all"));
    this.host = h("div", { class: "scroll card-list" }, this.list, this.empty);
    this.beside = h("p", { class: "beside" });
    fill(node, h("p", {}, h("a", { class: "back", href: "/console/supervise/now" }, icon("back"), " ", t("supervise_now.back"))), this.heading, this.beside, h("p", {}, this.all), this.host);
    if (me.scopes.some((scope) => ["supervise", "admin"].includes(scope))) this.#chooses();
    this.#name();
    this.load();
  }

  stop() {
    this.#asked = -1;
    this.choosing?.stop();
    fill(this.node);
  }

  async load() {
    const asked = this.#asked < 0 ? null : ++this.#asked;
    if (asked === null) return;
    const part = this.by ? { [this.by]: this.value } : {};
    try {
      const { items } = await get(`/reports/now/${this.cases ? "cases" : "conversations"}${query({ of: this.of, ...part, limit: MOST })}`);
      if (asked !== this.#asked) return;
      this.items = items;
      this.#render();
    } catch (error) {
      if (asked !== this.#asked) return;
      this.empty.hidden = false;
      say(this.empty, told(error));
    }
  }

  #name() {
    const person = this.agents().find((one) => one.username === this.value);
    const part = { agent: person?.name ?? this.value, channel: term("channels", this.value), language: term("languages", this.value), team: teamTitle(this.me, this.value) }[this.by];
    const many = this.items ? ` (${this.items.length}${this.items.length === MOST ? "+" : ""})` : "";
    say(this.heading, [this.by === "agent" ? ofAgent(this.of) : title(this.of), part].filter(Boolean).join(" · ") + many);
    const others = this.by === "agent" ? OF_AGENT : [];
    const sign = JSON.stringify([this.of, person]);
    if (sign === this.sign) return;
    this.sign = sign;
    fill(this.beside, others.map((of) => h("a", { href: href(of, this.by, this.value), "aria-current": of === this.of ? "page" : null }, t("supervise_now.also", { n: person?.[of] ?? 0, what: ofAgent(of) }))));
  }

  #render() {
    this.#name();
    this.empty.hidden = this.items.length > 0;
    say(this.empty, t("supervise_now.nothing"));
    this.all.hidden = !this.choosing || this.items.filter((one) => !one.urgent).length < 2;
    const row = this.cases ? (one) => this.#case(one) : (one) => this.#talk(one);
    keyed(this.list, this.items, { key: (one) => one.id, signature: (one) => JSON.stringify([one, since(one.waiting_since ?? one.unanswered_since ?? one.updated_at ?? one.received_at)]), make: row });
    this.choosing?.update(this.items, `${this.of} ${this.by} ${this.value}`);
  }

  #talk(one) {
    const waits = one.waiting_since ?? one.unanswered_since;
    return h(
      "li",
      { class: one.urgent ? "urgent" : "" },
      this.choosing?.box(one),
      h(
        "a",
        { href: `/console/conversations/${one.id}` },
        one.urgent ? h("strong", { class: "danger" }, icon("alert"), term("waiting_reasons", one.waiting_reason)) : null,
        h(
          "span",
          { class: "top" },
          icon(one.channel, term("channels", one.channel)),
          h("span", { class: "who" }, one.customer || t("conversation.nameless")),
          waits ? h("time", { class: "wait", datetime: waits, title: whole(waits) }, t("queue.waiting", { time: since(waits) })) : h("time", { datetime: one.updated_at, title: whole(one.updated_at) }, moment(one.updated_at)),
        ),
        h(
          "span",
          { class: "tags" },
          h("span", { class: "tag" }, term("languages_short", one.language)),
          h("span", { class: "tag" }, one.owner === "agent" ? (one.agent_name ?? one.agent) : term("owner", one.owner)),
          one.reference ? h("span", { class: "tag reference" }, one.reference) : null,
          one.risk && one.risk !== "minor" ? h("span", { class: `tag risk ${one.risk}` }, term("risk", one.risk)) : null,
          one.snoozed_until ? h("span", { class: "tag" }, t("snooze.until", { time: moment(one.snoozed_until) })) : null,
        ),
      ),
    );
  }

  #case(one) {
    const days = one.feedback_due ? daysLeft(one.feedback_due) : null;
    return h(
      "li",
      {},
      this.choosing?.box(one),
      h(
        "a",
        { href: `/console/cases/${one.id}` },
        h(
          "span",
          { class: "top" },
          icon(one.channel, term("channels", one.channel)),
          h("span", { class: "who" }, one.customer || t("conversation.nameless")),
          days === null ? null : h("span", { class: `left ${days < 0 ? "over" : days <= 2 ? "soon" : ""}`, title: day(one.feedback_due) }, left(one.feedback_due)),
        ),
        h(
          "span",
          { class: "tags" },
          h("span", { class: "tag reference" }, one.reference),
          h("span", { class: "tag" }, term("status", one.status)),
          h("span", { class: "tag" }, term("category", one.category)),
          one.risk !== "minor" ? h("span", { class: `tag risk ${one.risk}` }, term("risk", one.risk)) : null,
          h("span", { class: "tag" }, one.assignee ? (one.assignee_name ?? one.assignee) : t("supervise_now.nobody")),
        ),
      ),
    );
  }

  // moving ---------------------------------------------------------------------------------------------------

  #chooses() {
    const named = this.cases ? "cases" : "conversations";
    const seen = this.cases ? ({ id, version }) => ({ id, version }) : ({ id, epoch, last_message }) => ({ id, epoch, last_message });
    const work = new Work({ named, seen, again: () => this.again() });
    const name = (one) => one.customer || one.reference || t("conversation.nameless");
    const acts = (items) => [{ act: "move", label: t("supervise_now.move"), strong: true, run: () => this.#move(work, items.length) }];
    this.choosing = work.on(new Choosing({ host: this.host, name, here: () => null, acts }));
  }

  async #move(work, n) {
    let to = "";
    const send = (whom, reason) => {
      to = whom;
      return work.send(this.cases ? { kind: "assign_case", assignee: whom === NOBODY ? null : whom, reason } : whom === QUEUE ? { kind: "hand_back", to: "queue", reason } : { kind: "assign", agent: whom, reason });
    };
    const answer = await whither({ n, cases: this.cases, agents: this.agents().filter((one) => !(this.by === "agent" && one.username === this.value)), send });
    const said = { [QUEUE]: "queue", [NOBODY]: "freed" }[to] ?? "given";
    work.finish(answer, said, { name: () => this.agents().find((one) => one.username === to)?.name ?? to });
  }
}
