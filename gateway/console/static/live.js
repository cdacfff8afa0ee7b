// What has changed, as it happens: hints by WebSocket, and a look every few seconds while there is none.
//
// Events: "changed" {kind, id, version}, "reload", "typing" {id, active}, "state" (connected or not).

import { session } from "./api.js";

const FIRST = 1_000;
const LONGEST = 15_000;
const POLL = 10_000;
const SIGNED_OUT = 4401;

export class Live extends EventTarget {
  connected = false;
  everConnected = false;
  #socket = null;
  #wait = FIRST;
  #timer = null;
  #poll = null;
  #stopped = true;

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
    if (!document.hidden) this.connected ? this.#tell("reload") : this.#now();
  };

  #open() {
    this.#socket?.close();
    const socket = (this.#socket = new WebSocket(`${location.origin.replace(/^http/, "ws")}/api/v1/live`));
    socket.addEventListener("open", () => this.#opened());
    socket.addEventListener("message", (event) => this.#heard(event.data));
    socket.addEventListener("close", (event) => socket === this.#socket && this.#closed(event.code));
  }

  // told at most every few seconds while the agent writes; the customer sees that somebody is there
  typing(conversation, active) {
    if (this.connected) this.#socket.send(JSON.stringify({ type: "typing", conversation, active }));
  }

  #opened() {
    const again = this.everConnected;
    this.connected = this.everConnected = true;
    this.#wait = FIRST;
    clearInterval(this.#poll);
    this.#poll = null;
    this.#tell("state");
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
    if (["changed", "reload", "typing"].includes(frame.type)) this.#tell(frame.type, frame);
  }

  #tell(type, detail = null) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
