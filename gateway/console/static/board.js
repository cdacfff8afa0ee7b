// All conversations that this page knows: fetched page by page, kept fresh one by one as they change.
//
// Events: "change" (something in the lists), "fresh" {id} (one conversation was fetched again).

import { get, query } from "./api.js";

const PAGE = 50;
const QUIET = 250; // several hints about one conversation come together
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

  constructor(live, me) {
    super();
    this.live = live;
    this.me = me;
    live.addEventListener("changed", this.#heard);
    live.addEventListener("reload", this.#again);
  }

  stop() {
    this.live.removeEventListener("changed", this.#heard);
    this.live.removeEventListener("reload", this.#again);
    clearTimeout(this.#timer);
  }

  #heard = ({ detail }) => {
    if (detail.kind !== "conversation") return;
    const known = this.known.get(detail.id);
    // of the same version too: how far a message has come changes beside it
    if (known && detail.version && known.version > detail.version) return;
    this.#changed.add(detail.id);
    this.#timer ??= setTimeout(() => this.#fetchChanged(), QUIET);
  };

  #again = () => this.load();

  /** The first page of each list; whoever waits and one's own are fetched whole: what was put off weeks ago is among them. */
  async load() {
    const before = new Set(this.of("queue").map((one) => one.id));
    try {
      const [queue] = await Promise.all([this.#whole("queue"), this.#whole("mine"), this.#page("bot", null), this.#page("all", null)]);
      const gone = [...before].filter((id) => !queue.has(id));
      await Promise.all(gone.slice(0, FEW).map((id) => this.fetch(id, true)));
      this.loaded = true;
    } catch (error) {
      this.dispatchEvent(new CustomEvent("failed", { detail: error }));
    }
    this.#tell();
  }

  async #whole(tab) {
    const seen = new Set();
    let cursor = null;
    do {
      const found = await this.#page(tab, cursor);
      found.items.forEach((one) => seen.add(one.id));
      cursor = found.next_cursor;
    } while (cursor && seen.size < 500);
    return seen;
  }

  async #page(tab, cursor) {
    const chosen = { queue: { owner: "queue" }, mine: { agent: "me" }, bot: { owner: "bot" }, all: {} }[tab];
    const found = await get(`/conversations${query({ ...chosen, cursor, limit: PAGE, messages: 10 })}`);
    found.items.forEach((one) => this.#keep(one));
    // the place where a longer list was left is kept when its first page is looked at again
    if (cursor !== null || this.#cursors[tab] === null) {
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
    try {
      const conversation = await get(`/conversations/${encodeURIComponent(id)}`);
      this.take(conversation, quiet);
      return conversation;
    } catch (error) {
      if (quiet) return null;
      throw error;
    }
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
    this.known.set(one.id, { ...row, last: messages.findLast((said) => said.sender === "customer") ?? messages.at(-1) ?? known?.last ?? null });
  }

  #tell() {
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
