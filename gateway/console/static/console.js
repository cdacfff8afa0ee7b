// The console: who is signed in, which place is shown, and the frame around it. Starts everything.

import { Alarm } from "./alarm.js";
import { get, me, Order, session, signOut } from "./api.js";
import { Board } from "./board.js";
import "./case.js";
import "./conversation.js";
import { fill, h } from "./dom.js";
import { bind } from "./keys.js";
import { Live } from "./live.js";
import { ForYou } from "./for-you.js";
import { Presence } from "./presence.js";
import { told } from "./problems.js";
import "./queue.js";
import { languages } from "./sign-in.js";
import { choose, chosen, language, LANGUAGES, t, term } from "./words.js";

const PLACES = ["conversations", "cases", "tasks", "enter", "parked", "supervise", "settings"];
const NEEDS = { supervise: ["reports:read", "admin"], enter: ["intake"] }; // any of these scopes; the other places are everybody's
const LATE = { cases: () => import("./cases.js"), tasks: () => import("./tasks.js"), parked: () => import("./work.js"), enter: () => import("./enter.js"), supervise: () => import("./supervise.js"), settings: () => import("./settings.js") }; // fetched when the place is opened
const help = () => import("./help.js").then((found) => found.help());

class Console extends HTMLElement {
  agents = [];
  #counted = new Order();

  async connectedCallback() {
    session.addEventListener("ended", () => this.#ended());
    addEventListener("popstate", () => this.me && this.#go());
    this.addEventListener("click", (event) => this.#clicked(event));
    try {
      const found = await me();
      found ? this.#start(found) : this.#signIn(false);
    } catch (error) {
      fill(this, h("main", { class: "sign-in" }, h("div", { class: "card" }, h("p", { role: "alert" }, told(error)), h("button", { type: "button", class: "strong", on: { click: () => location.reload() } }, t("again")))));
    }
  }

  // signing in and out ---------------------------------------------------------------------------------------

  #signIn(ended) {
    const page = document.createElement("qt-sign-in");
    page.ended = ended;
    page.done = (found) => this.#start(found);
    fill(this, page);
  }

  #ended() {
    if (!this.me) return;
    this.#stop();
    this.#signIn(true);
  }

  async #out() {
    this.#stop();
    // on a shared machine the next agent must not find what this one was writing, nor what is typed while the answer is awaited
    fill(this, h("p", { class: "empty", role: "status" }, t("loading")));
    const leaving = Object.assign(new Event("leaving"), { waits: [] });
    session.dispatchEvent(leaving); // what was just written is saved first
    forget();
    await Promise.allSettled(leaving.waits);
    const at = await signOut().catch(() => null);
    at ? location.assign(at) : this.#signIn(false);
  }

  #stop() {
    this.me = null;
    this.alarm?.stop();
    this.board?.stop();
    this.forYou?.stop();
    this.unwatch?.();
    this.turns?.stop();
    this.turns = null;
    this.live?.stop();
    this.letGo?.();
    document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  }

  async #start(found) {
    if (found.language && found.language !== language && !chosen() && LANGUAGES.includes(found.language)) {
      choose(found.language);
      return;
    }
    // drafts of whoever was here before in this tab are theirs alone
    if (sessionStorage.getItem("qt.who") !== found.username) forget();
    sessionStorage.setItem("qt.who", found.username);
    this.me = found;
    if (found.held) return (await import("./held.js")).held(this, found, () => this.#out());
    this.classList.toggle("only-reads", !found.scopes.includes("conversations:write"));
    this.live = new Live();
    this.presence = new Presence(this.live);
    this.board = new Board(this.live, found);
    const open = (id) => this.navigate(`/console/conversations/${id}`);
    this.alarm = new Alarm(this.board, open);
    this.forYou = new ForYou({ live: this.live, open: (path) => this.navigate(path) });
    this.turns = found.by_turn ? await this.#turns(open) : null;
    if (this.me !== found) return; // the session has ended meanwhile
    this.#frame();
    import("./watch.js").then(({ watch }) => this.me === found && (this.unwatch = watch(this)));
    this.letGo = bind({ "?": () => help(), 1: () => this.navigate("/console"), 2: () => this.navigate("/console/cases"), 3: () => this.navigate("/console/tasks"), 4: () => this.navigate("/console/parked"), n: () => this.#may("enter") && this.navigate("/console/enter") });
    this.board.addEventListener("fresh", ({ detail }) => detail.id === this.shownId && detail.conversation && this.#besides(detail.conversation));
    this.live.addEventListener("state", () => this.#connection());
    this.board.addEventListener("failed", ({ detail }) => this.#failed(detail));
    this.board.addEventListener("well", () => this.#connection());
    this.live.start();
    await Promise.all([this.board.load(), this.#agents(), this.#counts(), this.forYou.start()]);
    this.live.addEventListener("changed", ({ detail }) => ["task", "parked"].includes(detail.kind) && this.#counts());
    if (this.me) this.#go();
  }

  /** Only where conversations are given by turn. */
  async #turns(open) {
    const { Turns } = await import("./turns.js");
    return new Turns({ live: this.live, board: this.board, who: this.me, open, shown: () => (this.place === "conversations" ? this.shownId : null) });
  }

  async #agents() {
    const { items } = await get("/agents").catch(() => ({ items: [] }));
    // what is shown already has this very list: it was made before the names came
    this.agents.splice(0, Infinity, ...items.filter((one) => one.active));
  }

  async #counts() {
    const turn = this.#counted.ask();
    const [tasks, parked] = await Promise.all(["/tasks", "/parked"].map((path) => get(path).catch(() => ({ items: [] }))));
    if (!this.badges || this.#counted.isLate(turn)) return;
    this.badges.tasks.textContent = tasks.items.length || "";
    this.badges.tasks.classList.toggle("late", tasks.items.some((one) => one.overdue));
    this.badges.parked.textContent = parked.items.length || "";
  }

  // the frame ------------------------------------------------------------------------------------------------

  #frame() {
    this.badges = {};
    const links = PLACES.filter((place) => this.#may(place)).map((place) => {
      this.badges[place] = h("span", { class: "count" });
      return h("a", { href: place === "conversations" ? "/console" : `/console/${place}`, "data-place": place }, t(`places.${place}`), this.badges[place]);
    });
    this.nav = h("nav", { "aria-label": t("places.label") }, links);
    this.lost = h("p", { class: "lost", role: "status", hidden: true });
    this.main = h("main", { id: "main", tabindex: "-1" });
    fill(
      this,
      h("a", { class: "skip", href: "#main" }, t("skip")),
      h(
        "header",
        { class: "bar" },
        h("a", { class: "mark", href: "/console", "aria-label": t("title") }, "聽"),
        this.nav,
        h(
          "div",
          { class: "who" },
          h("span", { class: "me" }, this.me.name, h("span", { class: "muted" }, term("role", this.me.role))),
          this.turns?.button,
          this.forYou.button,
          languages(),
          h("button", { type: "button", class: "quiet", "aria-label": t("help.title"), title: t("help.title"), on: { click: () => help() } }, "?"),
          h("button", { type: "button", class: "quiet", on: { click: () => this.#out() } }, t("sign_out")),
        ),
      ),
      this.lost,
      this.alarm.bar,
      this.turns?.line,
      this.main,
    );
  }

  #connection() {
    this.lost.hidden = this.live.connected;
    this.lost.textContent = this.live.connected ? "" : t("lost");
  }

  #failed(error) {
    this.lost.hidden = false;
    this.lost.textContent = told(error);
  }

  #clicked(event) {
    const link = event.target.closest?.("a[href]");
    if (!link || event.defaultPrevented || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || link.hasAttribute("download")) return;
    const path = link.getAttribute("href");
    if (!path.startsWith("/console")) return;
    event.preventDefault();
    this.navigate(path);
  }

  navigate(path) {
    if (path !== location.pathname) history.pushState(null, "", path);
    this.#go();
  }

  // the places -----------------------------------------------------------------------------------------------

  #go() {
    const [, , place = "conversations", id = null] = location.pathname.split("/");
    const known = PLACES.includes(place) && this.#may(place) ? place : "conversations";
    const key = id ? decodeURIComponent(id) : null;
    for (const link of this.nav.children) {
      if (link.dataset.place === known) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const other = this.place !== known || !this.main.childElementCount;
    this.place = known;
    if (other) this.#build(known);
    this.live.shows({ open: known === "conversations" ? key : null });
    if (known === "conversations") this.#conversation(key);
    if (known === "cases") this.#case(key);
    if (["supervise", "settings"].includes(known)) this.section = key;
    this.sections?.show(key);
  }

  #may(place) {
    return !NEEDS[place] || NEEDS[place].some((scope) => this.me.scopes.includes(scope));
  }

  #make(tag, values) {
    return Object.assign(document.createElement(tag), { live: this.live, me: this.me, board: this.board, presence: this.presence, agents: this.agents, forYou: this.forYou, ...values });
  }

  #build(place) {
    this.main.className = `place ${place}`;
    this.sections = null;
    if (place === "conversations") {
      const open = (id) => this.navigate(`/console/conversations/${id}`);
      const toggleCase = () => this.main.classList.toggle("shows-case");
      this.queue = this.#make("qt-queue", { open });
      this.talk = this.#make("qt-conversation", { back: () => this.navigate("/console"), toggleCase });
      this.record = this.#make("qt-case", { close: () => this.main.classList.remove("shows-case") });
      fill(this.main, this.queue, this.talk, this.record);
    } else if (place === "cases") {
      this.caseList = null;
      this.record = this.#make("qt-case", { close: () => this.navigate("/console/cases"), empty: "choose" });
      fill(this.main, this.record);
      this.#cases(this.record);
    } else {
      this.#late(place);
    }
  }

  /** The list beside `record`, as soon as it is here. */
  async #cases(record) {
    const here = () => record.isConnected;
    try {
      await LATE.cases();
      if (!here()) return;
      this.caseList = this.#make("qt-cases", { open: (id) => this.navigate(`/console/cases/${id}`) });
      record.before(this.caseList);
      this.caseList.select(this.shownCase);
    } catch (error) {
      if (here()) record.before(h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  async #late(place) {
    fill(this.main, h("p", { class: "empty" }, t("loading")));
    try {
      await LATE[place]?.();
      if (this.place !== place) return;
      const made = this.#make(`qt-${place}`, {});
      fill(this.main, made);
      if (made.show) (this.sections = made).show(this.section);
    } catch (error) {
      if (this.place !== place) return;
      this.place = null; // the same link tries again
      fill(this.main, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  async #conversation(id) {
    if (id !== null && id !== this.shownId) this.record.coming();
    this.shownId = id;
    this.main.classList.toggle("shows-one", id !== null);
    this.main.classList.remove("shows-case");
    this.queue.select(id);
    if (id === null) this.record.show(null, [], "beside");
    await this.talk.show(id);
    if (id !== null && this.shownId === id && this.place === "conversations" && !this.talk.conversation) this.record.show(null, [], "beside");
  }

  #besides(conversation) {
    if (this.place !== "conversations") return;
    const { cases, references } = conversation; // numbers in the order of the cases, without those of drafts
    this.record.heard = conversation.call?.heard ?? {};
    const listens = conversation.call?.recording && this.me.scopes.some((scope) => ["recordings", "admin"].includes(scope));
    this.record.playFrom = listens ? (second) => this.talk.playFrom(second) : null;
    this.record.references = cases.length === references.length ? Object.fromEntries(cases.map((id, at) => [id, references[at]])) : {};
    this.record.show(conversation.case ?? conversation.cases.at(-1) ?? null, conversation.cases);
  }

  #case(key) {
    this.main.classList.toggle("shows-one", key !== null);
    this.shownCase = key;
    this.caseList?.select(key);
    this.record.show(key);
  }
}

/** What was being written and sent in this tab is nobody's any more. */
function forget() {
  session.dispatchEvent(new Event("forgotten")); // whatever lets go of something may write once more
  sessionStorage.clear();
}

customElements.define("qt-console", Console);
