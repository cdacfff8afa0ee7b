/**
 * The connection: opens, says hello, and comes back by itself, each time a little later and never all clients at once.
 *
 * `hello()` gives the start frame, `heard(frame)` takes every frame, `changed()` is told when `ready` changes.
 */

const FIRST_WAIT = 500; // milliseconds
const LONGEST_WAIT = 30_000;
const OPENING_LIMIT = 10_000;
const STEADY = 5_000; // a connection that lived this long counts as a good one

export class Link {
  #url;
  #hello;
  #heard;
  #changed;
  #socket = null;
  #attempt = 0;
  #timer = 0;
  #opening = 0;
  #steady = 0;

  constructor({ url, hello, heard, changed }) {
    this.#url = url;
    this.#hello = hello;
    this.#heard = heard;
    this.#changed = changed;
    this.ready = false;
    this.failed = false; // at least one attempt has come to nothing since it was last ready
    window.addEventListener("online", () => this.now());
    window.addEventListener("offline", () => this.#lost());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && !this.ready) this.now();
    });
    window.addEventListener("pageshow", (event) => {
      if (event.persisted) this.again();
    });
  }

  /** Connects at once, unless it is connected or about to be. */
  now() {
    if (!this.#socket) this.#open();
  }

  /** Lets go of the connection that there is, which may be dead without knowing it, and connects anew. */
  again() {
    this.#drop();
    this.#changed();
    this.#open();
  }

  send(frame) {
    if (!this.ready || this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  #open() {
    clearTimeout(this.#timer);
    const socket = (this.#socket = new WebSocket(this.#url));
    this.#opening = setTimeout(() => this.#lost(), OPENING_LIMIT);
    socket.onopen = () => socket.send(JSON.stringify(this.#hello()));
    socket.onclose = () => this.#lost();
    socket.onmessage = ({ data }) => {
      let frame;
      try { frame = JSON.parse(data); } catch { return; }
      if (frame.type === "session") this.#established();
      this.#heard(frame);
    };
  }

  #established() {
    clearTimeout(this.#opening);
    this.#steady = setTimeout(() => { this.#attempt = 0; }, STEADY);
    this.ready = true;
    this.failed = false;
    this.#changed();
  }

  #lost() {
    this.#drop();
    this.failed = true;
    const longest = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#timer = setTimeout(() => this.#open(), longest / 2 + (Math.random() * longest) / 2);
    this.#changed();
  }

  #drop() {
    for (const timer of [this.#timer, this.#opening, this.#steady]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = null;
    this.ready = false;
    if (!socket) return;
    // a dead network keeps a closing socket for minutes: it is not listened to any more
    socket.onopen = socket.onclose = socket.onmessage = null;
    socket.close();
  }
}
