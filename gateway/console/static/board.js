// All conversations that this page knows: fetched page by page, kept fresh one by one as they change.
//
// Events: "change" (something in the lists), "fresh" {id} (one conversation was fetched again), "failed", "well".

import { get, Order, query } from "./api.js";

const PAGE = 50;
const SOON = 20; // what was done once comes as several hints
const QUIET = 250; // what is done again and again is fetched no more often
const WATCHED = 3_000; // so often a list whose rows come and go is looked at again,
const UNWATCHED = 15_000; // and one that nobody looks at: how many it holds
const MISSED = 3_000; // what could not be fetched is tried again
const MOST_PAGES = 5;
const FEW = 8; // more changes than this at once cost one page each instead of one conversation each

export const TABS = ["queue", "mine", "bot", "all"];

/** Whether its agent has put it off, and its time has not come. */
export const snoozed = (one) => Boolean(one.snoozed_until) && Date.parse(one.snoozed_until) > Date.now();

export class Board extends EventTarget {
  known = new Map();
  more = { queue: false, mine: false, bot: false, all: false };
  loaded = false;
  #cursors = { queue: null, mine: null, bot: null, all: null };
  #changed = new Set();
  #timer = null;
  #fetchedAt = 0;
  #tab = "queue";
  #outdated = new Set();
  #lookedAt = 0;
  #looks = null;
  #orders = new Map(); // of each conversation's answers: how far a message has come changes without another version
  #stopped = false;

  constructor(live, me) {
    super();
    this.live = live;
    this.me = me;
    live.addEventListener("changed", this.#heard);
    live.addEventListener("reload", this.#again);
  }

  stop() {
    this.#stopped = true;
    this.live.removeEventListener("changed", this.#heard);
    this.live.removeEventListener("reload", this.#again);
    clearTimeout(this.#timer);
    clearTimeout(this.#looks);
  }

  #heard = ({ detail }) => {
    if (detail.kind === "lists" && detail.id === "conversations") this.#listsChanged();
    if (detail.kind !== "conversation") return;
    const known = this.known.get(detail.id);
    // of the same version too: how far a message has come changes beside it
    if (known && detail.version && known.version > detail.version) return;
    this.#changed.add(detail.id);
    this.#timer ??= setTimeout(() => this.#fetchChanged(), Math.max(SOON, this.#fetchedAt + QUIET - Date.now()));
  };

  // Who waits and one's own are among what this page says it shows, and whatever changes hands is told by itself: what may
  // have changed unseen is the order and the last words of the other lists.
  #listsChanged() {
    this.#outdated = new Set(["bot", "all"]);
    this.#later();
  }

  #later() {
    clearTimeout(this.#looks);
    const pause = this.#outdated.has(this.#tab) ? WATCHED : UNWATCHED;
    this.#looks = setTimeout(() => this.#lookAgain(), Math.max(0, this.#lookedAt + pause - Date.now()));
  }

  async #lookAgain() {
    const tabs = [...this.#outdated];
    this.#outdated.clear();
    this.#lookedAt = Date.now();
    try {
      await Promise.all(tabs.map((tab) => this.#catchUp(tab)));
    } catch {
      tabs.forEach((tab) => this.#outdated.add(tab));
      this.#later();
    }
    this.#tell();
  }

  /** What has changed stands at the top: page by page until there is one that ends with what is known. */
  async #catchUp(tab) {
    let cursor = null;
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const { items, next_cursor, news } = await this.#page(tab, cursor, false);
      if (!next_cursor || !news.has(items.at(-1)?.id)) return;
      cursor = next_cursor;
    }
  }

  /** The list that is on the screen: it is kept fresher than the others. */
  looksAt(tab) {
    this.#tab = tab;
    if (this.#outdated.has(tab)) this.#later();
    this.#show();
  }

  #show() {
    if (!this.loaded) return;
    const rows = [this.of(this.#tab).slice(0, PAGE * MOST_PAGES), this.of("mine"), this.putOff(), this.of("queue")].flat();
    this.live.shows({ rows: [...new Set(rows.map((one) => one.id))] });
  }

  #again = () => this.load();

  /** The first page of each list; whoever waits and one's own are fetched whole: what was put off weeks ago is among them. */
  async load() {
    const before = new Set(this.of("queue").map((one) => one.id));
    try {
      const [urgent, longest] = await Promise.all([this.#page("urgent", null), this.#page("queue", null)]);
      if (!this.loaded) this.#tell(); // with those who are to be answered first there is something to do
      const [queue] = await Promise.all([this.#whole("queue", longest), this.#whole("mine"), this.#page("bot", null), this.#page("all", null)]);
      urgent.items.forEach((one) => queue.add(one.id)); // also where more wait than are fetched
      const gone = [...before].filter((id) => !queue.has(id));
      await Promise.all(gone.slice(0, FEW).map((id) => this.fetch(id, true)));
      this.loaded = true;
      this.dispatchEvent(new Event("well"));
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
    this.#tell();
  }

  async #whole(tab, first = null) {
    const seen = new Set();
    for (let found = first ?? (await this.#page(tab, null)); ; found = await this.#page(tab, found.next_cursor)) {
      found.items.forEach((one) => seen.add(one.id));
      if (!found.next_cursor || seen.size >= 500) return seen;
    }
  }

  async #page(tab, cursor, moves = true) {
    const waiting = { owner: "queue", order: "waiting" };
    const chosen = { queue: waiting, urgent: { ...waiting, urgent: "yes" }, mine: { agent: "me" }, bot: { owner: "bot" }, all: {} }[tab];
    const found = await get(`/conversations${query({ ...chosen, cursor, limit: PAGE, messages: 10 })}`);
    found.news = new Set(found.items.filter((one) => this.known.get(one.id)?.version !== one.version).map((one) => one.id));
    found.items.forEach((one) => this.#keep(one));
    // the place where a longer list was left is kept when its first page is looked at again
    if (moves && (cursor !== null || this.#cursors[tab] === null)) {
      this.#cursors[tab] = found.next_cursor;
      this.more[tab] = found.next_cursor !== null;
    }
    return found;
  }

  async loadMore(tab) {
    if (!this.#cursors[tab]) return;
    await this.#page(tab, this.#cursors[tab]);
    this.#tell();
  }

  async #fetchChanged() {
    this.#timer = null;
    this.#fetchedAt = Date.now();
    const ids = [...this.#changed];
    this.#changed.clear();
    if (ids.length > FEW) {
      await this.load();
      ids.forEach((id) => this.dispatchEvent(new CustomEvent("fresh", { detail: { id, conversation: null } })));
      return;
    }
    await Promise.all(ids.map((id) => this.fetch(id, true)));
    this.#tell();
  }

  /** One conversation with all its messages. */
  async fetch(id, quiet = false) {
    const order = this.#orders.get(id) ?? new Order();
    this.#orders.set(id, order);
    const turn = order.ask();
    try {
      const conversation = await get(`/conversations/${encodeURIComponent(id)}`);
      if (order.isLate(turn)) return this.fetch(id, quiet); // whoever opens it is shown what is known already
      this.take(conversation, quiet);
      return conversation;
    } catch (error) {
      if (!quiet) throw error;
      if (error.status === 429 || !(error.status < 500)) this.#missed(id);
      return null;
    }
  }

  /** No answer, or none yet: what was said there is not on the screen. */
  #missed(id) {
    if (this.#stopped) return;
    this.#changed.add(id);
    this.#timer ??= setTimeout(() => this.#fetchChanged(), MISSED);
  }

  /** A conversation that an answer brought. */
  take(conversation, quiet = false) {
    this.#keep(conversation);
    this.dispatchEvent(new CustomEvent("fresh", { detail: { id: conversation.id, conversation } }));
    if (!quiet) this.#tell();
  }

  #keep(one) {
    const { messages, ...row } = one;
    const known = this.known.get(one.id);
    if (known && known.version > one.version) return;
    this.known.set(one.id, { ...row, ...row.row, last: messages.findLast((said) => said.sender === "customer") ?? messages.at(-1) ?? known?.last ?? null });
  }

  #tell() {
    this.#show();
    this.dispatchEvent(new Event("change"));
  }

  of(tab) {
    const all = [...this.known.values()];
    if (tab === "queue") return all.filter((one) => one.owner === "queue").sort(byWaiting);
    if (tab === "mine") return this.#mine(all).filter((one) => !snoozed(one)).sort(byLatest);
    if (tab === "bot") return all.filter((one) => one.owner === "bot").sort(byLatest);
    return all.sort(byLatest);
  }

  #mine(all) {
    return all.filter((one) => one.owner === "agent" && one.agent === this.me.username);
  }

  /** One's own that were put off, the first to come back first. */
  putOff() {
    const off = this.#mine([...this.known.values()]).filter((one) => snoozed(one));
    return off.sort((one, other) => one.snoozed_until.localeCompare(other.snoozed_until));
  }

  urgent() {
    return this.of("queue").filter((one) => one.urgent);
  }
}

const byWaiting = (one, other) =>
  Number(other.urgent) - Number(one.urgent) || (one.waiting_since ?? "").localeCompare(other.waiting_since ?? "") || one.id.localeCompare(other.id);
const byLatest = (one, other) => (other.updated_at ?? "").localeCompare(one.updated_at ?? "") || other.id.localeCompare(one.id);
