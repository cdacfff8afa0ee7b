// What has changed, as it happens: hints by WebSocket, and a look every few seconds while there is none.
//
// Events: "changed" {kind, id, version}, "reload", "typing" {id, active}, "presence" {conversations}, "state" (connected or not),
// and "shown" {conversations, cases, open}, which the gateway has just been told that this page shows.

import { session } from "./api.js";

const FIRST = 1_000;
const LONGEST = 15_000;
const POLL = 10_000;
const SIGNED_OUT = 4401;
const MOST = 500; // of each that a page may show
const AWAY = 60_000; // in a page that nobody has seen for so long, nobody reads

export class Live extends EventTarget {
  connected = false;
  everConnected = false;
  #socket = null;
  #wait = FIRST;
  #timer = null;
  #poll = null;
  #stopped = true;
  #shown = {};
  #told = null;
  #away = null;
  #unseen = false; // for so long that nobody reads here

  start() {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#open();
    addEventListener("online", this.#now);
    document.addEventListener("visibilitychange", this.#seen);
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearInterval(this.#poll);
    this.#poll = null;
    this.#back();
    this.#socket?.close();
    removeEventListener("online", this.#now);
    document.removeEventListener("visibilitychange", this.#seen);
  }

  #now = () => {
    if (!this.connected && !this.#stopped) {
      clearTimeout(this.#timer);
      this.#open();
    }
  };

  // a laptop that was asleep may hold a socket that is long dead
  #seen = () => {
    if (document.hidden) {
      this.#away ??= setTimeout(() => {
        this.#unseen = true;
        this.#say();
      }, AWAY);
      return;
    }
    this.#back();
    if (this.connected) {
      this.#say();
      this.#tell("reload");
    } else this.#now();
  };

  #back() {
    clearTimeout(this.#away);
    this.#away = null;
    this.#unseen = false;
  }

  /** What this page shows, told part by part: `rows` and `open` of conversations, `cases` and `listed` of cases, and `followed` of both. The gateway tells of it at once. */
  shows(part) {
    Object.assign(this.#shown, part);
    this.#say();
  }

  // a list that comes while nobody sees the page is told without anybody reading there
  #say() {
    if (!this.connected) return;
    const { rows = [], open = null, cases = [], listed = [], followed = { conversations: [], cases: [] } } = this.#shown;
    const some = (...lists) => [...new Set(lists.flat())].slice(0, MOST).sort();
    const shown = { conversations: some(followed.conversations, rows), cases: some(cases, followed.cases, listed), open: this.#unseen ? null : open };
    if (this.#unseen && open && shown.conversations.length < MOST) shown.conversations.push(open);
    const said = JSON.stringify({ type: "showing", ...shown });
    if (said === this.#told) return;
    this.#told = said;
    this.#socket.send(said);
    this.#tell("shown", { ...shown, conversations: open ? [...shown.conversations, open] : shown.conversations });
  }

  #open() {
    this.#socket?.close();
    const socket = (this.#socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`));
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#heard(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  /** Told at most every few seconds while the agent writes: the customer sees that somebody is there, and colleagues who and `what`. */
  typing(conversation, active, what) {
    if (this.connected) this.#socket.send(JSON.stringify({ type: "typing", conversation, active, what }));
  }

  #opened() {
    const again = this.everConnected;
    this.connected = this.everConnected = true;
    this.#wait = FIRST;
    clearInterval(this.#poll);
    this.#poll = null;
    this.#told = null;
    this.#tell("state");
    if (Object.keys(this.#shown).length) this.#say();
    if (again) this.#tell("reload");
  }

  #closed(code) {
    if (this.#stopped) return;
    if (code === SIGNED_OUT) {
      session.dispatchEvent(new Event("ended"));
      return;
    }
    this.connected = false;
    this.#tell("state");
    this.#poll ??= setInterval(() => this.#tell("reload"), POLL);
    this.#timer = setTimeout(() => this.#open(), this.#wait * (0.75 + Math.random() / 2));
    this.#wait = Math.min(LONGEST, this.#wait * 2);
  }

  #heard(data) {
    let frame;
    try {
      frame = JSON.parse(data);
    } catch {
      return;
    }
    if (["changed", "reload", "typing", "presence"].includes(frame.type)) this.#tell(frame.type, frame);
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
