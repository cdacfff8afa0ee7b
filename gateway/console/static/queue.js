// The list of conversations: who waits, mine, the bot's, all. Rows are made anew only when what they show has changed.

import { snoozed, TABS } from "./board.js";
import { fill, h, icon, keyed, say } from "./dom.js";
import { doings, sign } from "./presence.js";
import * as teams from "./teams.js";
import { moment, since, whole } from "./formats.js";
import { bind } from "./keys.js";
import { t, term } from "./words.js";

const TICK = 15_000;

class Queue extends HTMLElement {
  board = null;
  presence = null;
  open = () => {};
  tab = sessionStorage.getItem("qt.tab") ?? "queue";
  selected = null;
  words = "";

  connectedCallback() {
    this.tabs = h("div", { class: "tabs", role: "tablist", "aria-label": t("queue.lists") });
    this.filter = h("input", {
      type: "search",
      placeholder: t("queue.filter"),
      "aria-label": t("queue.filter"),
      on: { input: () => this.#filtered() },
    });
    this.team = teams.choices(this.board.me).some(([name]) => name === sessionStorage.getItem("qt.team")) ? sessionStorage.getItem("qt.team") : "";
    const choices = teams.choices(this.board.me).map(([value, label]) => h("option", { value, selected: value === this.team }, label));
    this.ofTeam = choices.length ? h("select", { "aria-label": t("teams.label"), on: { change: () => this.#ofTeam() } }, h("option", { value: "" }, t("teams.any")), choices) : null;
    this.list = h("ul", { class: "rows", id: "conversations" });
    this.empty = h("p", { class: "empty", hidden: true });
    this.more = h("button", { type: "button", class: "quiet more", hidden: true, on: { click: () => this.board.loadMore(this.tab) } }, t("more"));
    this.off = h("button", { type: "button", class: "quiet more", hidden: true, "aria-expanded": "false", on: { click: () => this.#showOff(!this.showsOff) } });
    this.offList = h("ul", { class: "rows" });
    fill(this, this.tabs, h("div", { class: "filter" }, this.filter, this.ofTeam), h("div", { class: "scroll", id: "list", role: "tabpanel", tabindex: "-1" }, this.list, this.empty, this.off, this.offList, this.more));
    this.#makeTabs();
    this.board.addEventListener("change", this.render);
    this.presence.addEventListener("change", this.render);
    this.board.looksAt(this.tab);
    this.letGo = bind({ j: () => this.#step(1), k: () => this.#step(-1), "/": () => this.filter.focus() });
    this.ticking = setInterval(() => this.#tick(), TICK);
    import("./bulk.js").then(({ choosesConversations }) => this.isConnected && (this.choosing = choosesConversations(this)) && this.render(), console.error); // a list without it is a list
    import("./drafts.js").then(({ Marks }) => this.isConnected && (this.marks = new Marks(this.board.live)).addEventListener("change", this.render), console.error);
    this.render();
  }

  disconnectedCallback() {
    this.board.removeEventListener("change", this.render);
    this.presence.removeEventListener("change", this.render);
    this.letGo();
    this.choosing?.stop();
    this.marks?.stop();
    clearInterval(this.ticking);
  }

  #makeTabs() {
    this.counts = {};
    const buttons = TABS.map((tab) => {
      this.counts[tab] = h("span", { class: "count" });
      return h(
        "button",
        { type: "button", role: "tab", id: `tab-${tab}`, "aria-controls": "list", "data-tab": tab, on: { click: () => this.show(tab), keydown: (event) => this.#arrow(event) } },
        h("span", {}, t(`queue.${tab}`)),
        this.counts[tab],
      );
    });
    fill(this.tabs, buttons);
  }

  #arrow(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.show(TABS[(TABS.indexOf(this.tab) + step + TABS.length) % TABS.length]);
    this.tabs.querySelector('[aria-selected="true"]').focus();
  }

  show(tab) {
    this.tab = tab;
    sessionStorage.setItem("qt.tab", tab);
    this.board.looksAt(tab);
    this.render();
    this.list.parentElement.scrollTop = 0;
  }

  select(id) {
    this.selected = id;
    this.render();
    this.list.querySelector('[aria-current="true"]')?.scrollIntoView({ block: "nearest" });
  }

  #ofTeam() {
    this.team = this.ofTeam.value;
    sessionStorage.setItem("qt.team", this.team);
    this.render();
  }

  #filtered() {
    this.words = this.filter.value.trim().toLowerCase();
    this.render();
  }

  render = () => {
    if (!TABS.includes(this.tab)) this.tab = "queue";
    for (const button of this.tabs.children) {
      const tab = button.dataset.tab;
      button.setAttribute("aria-selected", String(tab === this.tab));
      button.tabIndex = tab === this.tab ? 0 : -1;
      const count = this.board.of(tab).length;
      say(this.counts[tab], this.board.loaded ? `${count}${this.board.more[tab] ? "+" : ""}` : "·");
      if (tab === "queue") button.classList.toggle("calls", count > 0);
    }
    const shown = this.board.of(this.tab).filter((one) => this.#matches(one));
    keyed(this.list, shown, { key: (one) => one.id, signature: (one) => this.#signature(one), make: (one) => this.#row(one) });
    this.empty.hidden = shown.length > 0;
    say(this.empty, this.board.loaded ? t(this.words || this.team ? "queue.nothing_found" : `queue.empty_${this.tab}`) : t("loading"));
    const off = this.#renderOff();
    this.more.hidden = !this.board.more[this.tab] || this.tab === "queue";
    this.shown = shown;
    this.choosing?.update([...shown, ...off], this.tab);
  };

  #showOff(shows) {
    this.showsOff = shows;
    this.render();
  }

  /** What was put off stands under one's own, folded away: it is out of sight, and never lost. */
  #renderOff() {
    const off = this.tab === "mine" ? this.board.putOff().filter((one) => this.#matches(one)) : [];
    this.off.hidden = off.length === 0;
    this.off.setAttribute("aria-expanded", String(Boolean(this.showsOff)));
    say(this.off, t("queue.put_off", { n: off.length }));
    const shown = this.showsOff ? off : [];
    keyed(this.offList, shown, { key: (one) => one.id, signature: (one) => this.#signature(one), make: (one) => this.#row(one) });
    return shown;
  }

  #matches(one) {
    if (!teams.isOf(this.board.me, this.team, one.team)) return false;
    if (!this.words) return true;
    return [one.customer, one.subject, one.reference, one.last?.text, one.agent_name].some((text) => text?.toLowerCase().includes(this.words));
  }

  #signature(one) {
    return [one.version, one.id === this.selected, one.last?.id, one.reference, one.owner, one.risk, one.call?.state, snoozed(one), one.given_at, one.unassigned, one.team, Boolean(this.choosing), this.marks?.has(one.id), sign(this.presence.of(one.id))].join(" ");
  }

  #row(one) {
    const here = one.id === this.selected;
    const waits = one.owner === "queue";
    return h(
      "li",
      { class: [waits ? "waits" : "", one.urgent ? "urgent" : ""].join(" ") },
      this.choosing?.box(one),
      h(
        "a",
        { href: `/console/conversations/${one.id}`, "aria-current": here ? "true" : null },
        one.urgent ? h("strong", { class: "danger" }, icon("alert"), term("waiting_reasons", one.waiting_reason)) : null,
        h(
          "span",
          { class: "top" },
          icon(one.channel, term("channels", one.channel)),
          h("span", { class: "who" }, one.customer || t("conversation.nameless")),
          waits && one.waiting_since
            ? h("time", { class: "wait", "data-since": one.waiting_since, datetime: one.waiting_since, title: whole(one.waiting_since) }, since(one.waiting_since))
            : h("time", { datetime: one.updated_at, title: whole(one.updated_at) }, moment(one.updated_at)),
        ),
        h("span", { class: "said", lang: one.language }, lastWords(one)),
        h(
          "span",
          { class: "tags" },
          h("span", { class: "tag" }, term("languages_short", one.language)),
          one.call?.state === "live" ? h("span", { class: "tag live" }, t("call.live_tag")) : null,
          one.reference ? h("span", { class: "tag reference" }, one.reference) : null,
          one.risk && one.risk !== "minor" ? h("span", { class: `tag risk ${one.risk}` }, term("risk", one.risk)) : null,
          waits && !one.urgent && one.waiting_reason ? h("span", { class: "tag reason" }, term("waiting_reasons", one.waiting_reason)) : null,
          teams.tag(this.board.me, one.team),
          waits && one.unassigned && this.#supervises ? h("span", { class: "tag" }, term("unassigned", one.unassigned)) : null,
          one.given_at && one.agent === this.board.me.username ? h("span", { class: "tag good" }, t("by_turn.tag")) : null,
          this.marks?.has(one.id) ? h("span", { class: "tag draft" }, t("queue.draft")) : null,
          snoozed(one) ? h("span", { class: "tag" }, t("snooze.until", { time: moment(one.snoozed_until) })) : null,
          one.owner === "agent" && this.tab !== "mine" ? h("span", { class: "tag" }, one.agent_name ?? one.agent) : null,
          doings(this.presence.of(one.id)).map((doing) => h("span", { class: "tag there" }, doing)),
          one.owner === "bot" && this.tab === "all" ? h("span", { class: "tag" }, term("owner", "bot")) : null,
        ),
      ),
    );
  }

  get #supervises() {
    return this.board.me.scopes.some((scope) => ["supervise", "admin"].includes(scope));
  }

  #tick() {
    if (this.board.putOff().length || this.offList.childElementCount) this.render(); // some may have come back
    for (const time of this.list.querySelectorAll("time[data-since]")) say(time, since(time.dataset.since));
  }

  #step(by) {
    const ids = this.shown.map((one) => one.id);
    const at = ids.indexOf(this.selected);
    const next = ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : Math.min(ids.length - 1, Math.max(0, at + by))];
    if (next) this.open(next);
  }
}

/** What the customer said last: that is what waits for an answer. */
function lastWords(one) {
  if (!one.last) return one.subject ?? "";
  const who = one.last.sender === "customer" ? "" : `${term("sender_short", one.last.sender)} `;
  return who + (one.last.line ?? one.last.text).slice(0, 160).replace(/\s+/g, " ");
}

customElements.define("qt-queue", Queue);
