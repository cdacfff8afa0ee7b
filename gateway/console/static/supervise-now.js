// The live board: what has arrived, who waits, who answers, what is due. Each number is a link to the list behind it.
//
// The address goes on behind the name of the section: now/SET, now/SET/channel/email. All numbers of one look come from one snapshot; they are
// fetched again when anything has changed, at most every few seconds.

import { get, Order } from "./api.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { since, whole } from "./formats.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { title as teamTitle } from "./teams.js";
import { t, term } from "./words.js";
import { Behind, href, ofAgent, title } from "./supervise-now-list.js";

const QUIET = 2_500; // changes come by the dozen
const TICK = 30_000; // who waits, waits longer; and what was due is overdue
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeZone: document.documentElement.dataset.zone, hour: "2-digit", minute: "2-digit", second: "2-digit" });
const COLUMNS = ["wrote_quarter", "wrote_hour", "waiting", "bot", "agents", "unanswered", "overdue", "due_today"];
const OF_AGENTS = ["agents", "unanswered", "put_off", "open", "overdue", "due_today", "due_soon"];
const OF_TEAMS = ["waiting", "agents", "unanswered", "overdue", "due_today", "due_soon"];
const CALLS = { late: "bad", danger: "bad", overdue: "bad", unanswered: "warn", waiting: "warn" };

class Now extends HTMLElement {
  order = new Order();

  connectedCallback() {
    sheet("supervise-now.css");
    this.asOf = h("p", { class: "muted as-of" });
    this.said = h("p", { class: "said", role: "alert" });
    this.alarms = h("ul", { class: "alarms", "aria-label": t("supervise_now.alarms") });
    this.tiles = h("ul", { class: "tiles" });
    this.tables = h("div", {});
    this.whole = h("div", { class: "whole" }, this.alarms, this.tiles, this.tables);
    this.list = h("div", { class: "behind", hidden: true });
    fill(this, h("div", { class: "row heading" }, h("h2", {}, t("supervise_now.title")), this.asOf), this.said, this.whole, this.list);
    this.heard = h("p", { class: "unseen", role: "status" });
    this.append(this.heard);
    this.#makeTables();
    this.live.addEventListener("changed", this.#soon);
    this.live.addEventListener("reload", this.#soon);
    this.ticking = setInterval(this.#load, TICK);
    this.seen();
    this.#load();
  }

  disconnectedCallback() {
    this.live.removeEventListener("changed", this.#soon);
    this.live.removeEventListener("reload", this.#soon);
    clearInterval(this.ticking);
    clearTimeout(this.later);
    this.behind?.stop();
  }

  /** The board, or the list that the address names. */
  seen() {
    const [of, by, value] = location.pathname.split("/").slice(4).map(decodeURIComponent);
    const key = [of, by, value].join("/");
    if (key === this.key) return;
    const before = this.key;
    this.key = key;
    this.behind?.stop();
    this.behind = of ? new Behind({ node: this.list, of, by, value, live: this.live, me: this.me, agents: () => this.found?.agents ?? [], again: this.#load }) : null;
    this.whole.hidden = Boolean(of);
    this.list.hidden = !of;
    if (before !== undefined) (of ? this.list.querySelector("h3") : this.querySelector("h2")).focus?.();
  }

  #soon = () => {
    this.later ??= setTimeout(this.#load, Math.max(50, (this.loadedAt ?? 0) + QUIET - Date.now()));
  };

  #load = async () => {
    clearTimeout(this.later);
    this.later = null;
    this.loadedAt = Date.now();
    const turn = this.order.ask();
    try {
      const found = await get("/reports/now");
      if (!this.isConnected || this.order.isLate(turn)) return;
      this.found = found;
      say(this.said, "");
      this.#show();
      this.behind?.load();
    } catch (error) {
      say(this.said, told(error));
    }
  };

  #show() {
    const { at, total, tasks } = this.found;
    say(this.asOf, t("supervise_now.as_of", { time: CLOCK.format(new Date(at)) }));
    this.asOf.title = whole(at);
    this.#showAlarms();
    const tile = (of, rest = null, also = []) => ({ of, n: total[of], rest, also });
    const longest = this.found.longest_wait;
    const tiles = [
      tile("wrote_quarter", t("supervise_now.in_hour", { n: total.wrote_hour }), [["begun_quarter", total.begun_quarter]]),
      tile("waiting", longest ? t("supervise_now.longest", { time: since(longest) }) : null, [["late", total.late]]),
      tile("bot"),
      tile("agents", null, [["unanswered", total.unanswered], ["put_off", total.put_off]]),
      tile("overdue", null, [["overdue_major", total.overdue_major]]),
      tile("due_today", null, [["due_soon", total.due_soon]]),
      tile("open", null, [["unassigned", total.unassigned]]),
      { of: "tasks", n: tasks.open, rest: t("supervise_now.tasks_overdue", { n: tasks.overdue }), also: [], href: "/console/tasks", calls: tasks.overdue > 0 },
    ];
    keyed(this.tiles, tiles, { key: (one) => one.of, signature: (one) => JSON.stringify(one), make: (one) => this.#tile(one) });
    this.#showRows(this.channels, this.found.channels, "channel", (one) => [icon(one.value), " ", term("channels", one.value)]);
    this.#showRows(this.languages, this.found.languages, "language", (one) => term("languages", one.value));
    this.#showTeams();
    this.#showPeople();
  }

  /** Each team, whether it has anything now or not; and each that has, made since this page was opened or closed. */
  #showTeams() {
    const known = new Set(this.me.teams.map((one) => one.name));
    const others = this.found.teams.filter((one) => !known.has(one.value));
    this.teams.closest("section").hidden = !known.size && !others.length;
    const none = Object.fromEntries(OF_TEAMS.map((of) => [of, 0]));
    const found = this.me.teams.map(({ name }) => this.found.teams.find((one) => one.value === name) ?? { value: name, longest_wait: null, ...none });
    this.#showRows(this.teams, [...found, ...others], "team", (one) => teamTitle(this.me, one.value), OF_TEAMS);
  }

  #showAlarms() {
    const { alarms, limit_minutes: limit } = this.found;
    const words = alarms.map((one) => ({ ...one, words: t(`supervise_now.alarm_${one.kind}`, { n: one.count, name: one.agent_name ?? "", minutes: limit, time: one.since ? since(one.since) : "" }) }));
    say(this.heard, words.filter((one) => one.kind === "danger").map((one) => one.words).join(" ")); // heard when it comes
    this.alarms.hidden = alarms.length === 0;
    keyed(this.alarms, words, {
      key: (one) => `${one.kind} ${one.agent}`,
      signature: (one) => one.words,
      make: (one) => h("li", { class: one.kind }, h("a", { href: one.agent ? href(one.of, "agent", one.agent) : href(one.of) }, icon("alert"), h("span", {}, one.words))),
    });
  }

  #tile({ of, n, rest, also, href: elsewhere, calls }) {
    const loud = n > 0 && CALLS[of];
    return h(
      "li",
      { class: loud || (calls ? "bad" : "") || "", "data-tile": of },
      h("a", { href: elsewhere ?? href(of) }, h("span", { class: "label" }, title(of)), h("strong", { class: "number" }, String(n))),
      rest ? h("span", { class: "rest" }, rest) : null,
      also.map(([name, count]) => h("a", { class: `also ${count > 0 ? (CALLS[name] ?? "") : ""}`, href: href(name) }, t("supervise_now.also", { n: count, what: title(name) }))),
    );
  }

  // tables ---------------------------------------------------------------------------------------------------

  #makeTables() {
    const table = (name, columns, first, named = title) => {
      const body = h("tbody", {});
      const head = h("tr", {}, h("th", { scope: "col" }, first), columns.map((one) => h("th", { scope: "col", class: "n" }, named(one))));
      const caption = t(`supervise_now.${name}`);
      this.tables.append(h("section", {}, h("h3", { id: `now-${name}` }, caption), h("div", { class: "wide", role: "region", tabindex: "0", "aria-labelledby": `now-${name}` }, h("table", { "aria-labelledby": `now-${name}` }, h("thead", {}, head), body))));
      return body;
    };
    this.people = table("by_agent", OF_AGENTS, t("supervise_now.agent"), ofAgent);
    this.teams = table("by_team", OF_TEAMS, t("supervise_now.team"));
    this.channels = table("by_channel", COLUMNS, t("supervise_now.channel"));
    this.languages = table("by_language", COLUMNS, t("supervise_now.language"));
  }

  #showRows(body, items, by, name, columns = COLUMNS) {
    const cell = (one, of) => h("td", { class: "n" }, this.#number(of, one[of], by, one.value), of === "waiting" && one.longest_wait ? h("span", { class: "rest" }, t("supervise_now.longest", { time: since(one.longest_wait) })) : null);
    keyed(body, items, {
      key: (one) => one.value,
      signature: (one) => JSON.stringify([one, one.longest_wait && since(one.longest_wait)]),
      make: (one) => h("tr", {}, h("th", { scope: "row" }, name(one)), columns.map((of) => cell(one, of))),
    });
  }

  #showPeople() {
    const standing = (one) => [term("supervise_now_there", one.there), one.limit === null ? null : t("supervise_now.of_most", { n: one.agents, most: one.limit })].filter(Boolean).join(" · ");
    const cell = (one, of) => h("td", { class: "n" }, this.#number(of, one[of], "agent", one.username), of === "unanswered" && one.oldest_unanswered ? h("span", { class: "rest" }, t("supervise_now.since", { time: since(one.oldest_unanswered) })) : null);
    keyed(this.people, this.found.agents, {
      key: (one) => one.username,
      signature: (one) => JSON.stringify([one, one.oldest_unanswered && since(one.oldest_unanswered)]),
      make: (one) =>
        h(
          "tr",
          { class: one.there, "data-agent": one.username },
          h("th", { scope: "row" }, h("a", { href: href("agents", "agent", one.username) }, one.name), h("span", { class: "rest" }, h("span", { class: "lamp", "aria-hidden": "true" }), standing(one))),
          OF_AGENTS.map((of) => cell(one, of)),
        ),
    });
  }

  #number(of, n, by, value) {
    if (!n) return h("span", { class: "none" }, "0");
    return h("a", { class: CALLS[of] ?? "", href: href(of, by, value), "aria-label": t("supervise_now.number", { n, what: title(of) }) }, String(n));
  }
}

customElements.define("qt-supervise-now", Now);
