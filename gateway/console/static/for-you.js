// What concerns whoever sits here, wherever they are: notes that call them, and what is new in the cases that they follow.

import { get, Order, post } from "./api.js";
import { h, icon } from "./dom.js";
import { t } from "./words.js";

const QUIET = 1_000; // several changes come together
const MISSED = 5_000;
const HEARD = ["case", "conversation"]; // hints of which some may be about a case that is followed

/** The button in the frame, with how much is new. `open` goes to an address of the console. Event: "change". */
export class ForYou extends EventTarget {
  mentions = [];
  followed = [];
  #orders = { mentions: new Order(), followed: new Order() };

  constructor({ live, open }) {
    super();
    Object.assign(this, { live, open });
    this.count = h("span", { class: "count" });
    this.button = h("button", { type: "button", class: "quiet for-you", on: { click: () => this.#show() } }, icon("bell"), this.count);
    this.tell();
  }

  start() {
    this.started = true;
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.load);
    return this.load();
  }

  stop() {
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.load);
    this.started = false;
    clearTimeout(this.later);
    clearTimeout(this.again);
  }

  #changed = ({ detail }) => {
    if (detail.kind === "mention") this.#load("mentions", "/mentions");
    if (detail.kind === "following") this.#load("followed", "/following");
    if (!this.#mayConcern(detail)) return;
    this.later ??= setTimeout(() => {
      this.later = null;
      this.#load("followed", "/following");
    }, QUIET);
  };

  #mayConcern({ kind, id }) {
    return HEARD.includes(kind) && this.followed.some((one) => one.case === id || one.conversations.includes(id));
  }

  load = () => {
    clearTimeout(this.again);
    this.again = null;
    return Promise.all([this.#load("mentions", "/mentions"), this.#load("followed", "/following")]);
  };

  async #load(what, path) {
    const turn = this.#orders[what].ask();
    const found = await get(path).catch(() => null); // what is shown stays
    if (found && this.#orders[what].isLate(turn)) return;
    if (found) this[what] = found.items;
    else if (this.started) this.again ??= setTimeout(() => this.load(), MISSED);
    const conversations = this.followed.flatMap((one) => one.conversations);
    this.live.shows({ followed: { conversations, cases: this.followed.map((one) => one.case) } }); // they are heard of wherever the agent is
    this.tell();
  }

  follows(caseId) {
    return this.followed.some((one) => one.case === caseId);
  }

  newsOf(caseId) {
    return this.followed.find((one) => one.case === caseId)?.news ?? null;
  }

  /** Follows a case, or leaves it. Answers who follows it then. */
  async follow(caseId, following) {
    const standing = await post(`/cases/${caseId}/follow`, { following });
    await this.#load("followed", "/following");
    return standing;
  }

  /** A case is on the screen as it is now: nothing in it is new any more. */
  async looked(caseId) {
    if (!this.newsOf(caseId)) return;
    await post("/following/seen", { cases: [caseId] }).catch(() => {}); // it is told again as new
  }

  get #unseen() {
    return this.mentions.filter((one) => one.seen_at === null);
  }

  /** `reviews`: how many score sheets about cases of theirs they have not seen (watch.js). */
  tell(reviews = this.reviews ?? 0) {
    this.reviews = reviews;
    const n = reviews + this.#unseen.length + this.followed.filter((one) => one.news).length;
    this.count.textContent = n || "";
    this.button.setAttribute("aria-label", t("for_you.open", { n }));
    this.button.title = t("for_you.open", { n });
    this.dispatchEvent(new Event("change"));
  }

  async #show() {
    const { showForYou } = await import("./for-you-dialog.js");
    showForYou(this);
    const seen = this.#unseen.map((one) => one.note.id);
    if (seen.length) await post("/mentions/seen", { notes: seen.slice(0, 100) }).catch(() => {}); // they are shown again as not seen
  }
}
