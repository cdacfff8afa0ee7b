/**
 * One file on its way to the gateway (tus 1.0): piece by piece, gone on with by itself after whatever breaks off.
 *
 * `changed(upload)` is told of every step. `state`: sending, waiting (for the connection or for room), done, refused, cancelled.
 */

const VERSION = "1.0.0";
const PIECE = 2 * 1024 * 1024;
const FIRST_WAIT = 1_000; // milliseconds
const LONGEST_WAIT = 20_000;
const STALLED = 30_000; // without progress: the connection is dead and does not know it
const MOST_RESTARTS = 2;

/** An answer that no waiting changes: `why` names the sentence for it. */
class Refused extends Error {
  constructor(why, values = {}) {
    super(why);
    this.why = why;
    this.values = values;
  }
}

/** Come back later, in so many seconds if that was said. */
class Later extends Error {
  constructor(why = "", seconds = 0) {
    super(why);
    this.why = why;
    this.seconds = seconds;
  }
}

export class Upload {
  #place = null;
  #request = null;
  #wake = null;
  #tries = 0;
  #restarts = 0;
  #options;

  /** `headers()` says who sends; `keep`, if there is one, remembers where a file was left, for when it is chosen again. */
  constructor(file, { address, headers = () => ({}), changed = () => {}, keep = null }) {
    this.file = file;
    this.name = file.name;
    this.size = file.size;
    this.sent = 0;
    this.id = null;
    this.state = "sending";
    this.why = "";
    this.values = {};
    this.#options = { address, headers, changed, keep };
    this.#place = keep?.get(this.#print) ?? null;
    this.finished = this.#run();
    for (const event of ["online", "pageshow"]) window.addEventListener(event, this.goOn);
  }

  get settled() { return ["done", "refused", "cancelled"].includes(this.state); }
  get percent() { return this.size ? Math.min(100, Math.floor((100 * this.sent) / this.size)) : 100; }

  /** Tries again at once instead of when its wait is over. */
  goOn = () => this.#wake?.();

  async cancel() {
    if (this.settled) return;
    this.#settle("cancelled");
    this.#request?.abort();
    this.goOn();
    if (this.#place) await this.#ask("DELETE").catch(() => null);
  }

  get #print() { return `upload.${this.name}|${this.size}|${this.file.lastModified}`; }

  async #run() {
    let offset = 0;
    while (!this.settled) {
      try {
        offset = this.#place ? await this.#offset() : await this.#create();
        while (offset < this.size && !this.settled) {
          this.#tell("sending", offset);
          offset = await this.#send(offset);
          this.#tries = 0;
        }
        if (!this.settled) this.#settle("done", this.size);
      } catch (error) {
        if (this.settled) break;
        const gone = error.why === "gone" && this.#restarts < MOST_RESTARTS;
        if (error instanceof Refused && !gone) {
          this.why = error.why;
          this.values = error.values;
          this.#settle("refused");
        } else {
          await this.#pause(error instanceof Later && !gone ? error : new Later());
        }
      }
    }
  }

  async #pause({ why, seconds }) {
    this.why = why;
    this.values = { seconds };
    const wait = seconds ? seconds * 1_000 : Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries);
    this.#tries += 1;
    this.#tell("waiting");
    await new Promise((wake) => {
      this.#wake = wake;
      setTimeout(wake, wait / 2 + (Math.random() * wait) / 2 + (seconds ? wait / 2 : 0));
    });
    this.#wake = null;
    this.why = "";
  }

  async #create() {
    const name = btoa(String.fromCharCode(...new TextEncoder().encode(this.name)));
    const headers = { "Upload-Length": String(this.size), "Upload-Metadata": `filename ${name}` };
    const response = await this.#ask("POST", headers, this.#options.address);
    this.#place = new URL(response.headers.get("Location"), this.#options.address).href;
    this.#options.keep?.set(this.#print, this.#place);
    return this.#read(await response.json());
  }

  /** How far it has come, as the gateway has it: never what we believe. */
  async #offset() {
    try {
      return this.#read(await (await this.#ask("GET")).json());
    } catch (error) {
      if (!(error instanceof Refused) || error.why !== "gone" || this.#restarts >= MOST_RESTARTS) throw error;
      this.#restarts += 1; // it has expired, or was another session's: from the beginning
      this.#place = null;
      return this.#create();
    }
  }

  #read({ id, offset, size }) {
    if (size !== this.size) throw new Refused("failed");
    this.id = id;
    this.sent = offset;
    return offset;
  }

  async #ask(method, headers = {}, address = this.#place) {
    let response;
    try {
      const known = { "Tus-Resumable": VERSION, Accept: "application/json", ...this.#options.headers(), ...headers };
      response = await fetch(address, { method, headers: known, cache: "no-store" });
    } catch {
      throw new Later();
    }
    if (!response.ok) throw judged(response.status, await response.json().catch(() => ({})), response.headers.get("Retry-After"));
    return response;
  }

  /** One piece. A request of its own kind: fetch can't tell how much has left. */
  #send(offset) {
    return new Promise((resolve, reject) => {
      const request = (this.#request = new XMLHttpRequest());
      let watch = 0;
      const alive = () => {
        clearTimeout(watch);
        watch = setTimeout(() => request.abort(), STALLED);
      };
      request.open("PATCH", this.#place);
      request.setRequestHeader("Tus-Resumable", VERSION);
      request.setRequestHeader("Upload-Offset", String(offset));
      request.setRequestHeader("Content-Type", "application/offset+octet-stream");
      for (const [name, value] of Object.entries(this.#options.headers())) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded }) => {
        alive();
        this.#tell("sending", offset + loaded);
      };
      request.onloadend = () => {
        clearTimeout(watch);
        this.#request = null;
        if (request.status === 204) resolve(Number(request.getResponseHeader("Upload-Offset")));
        else if (request.status === 0) reject(new Later());
        else reject(judged(request.status, parsed(request.responseText), request.getResponseHeader("Retry-After")));
      };
      alive();
      request.send(this.file.slice(offset, offset + PIECE));
    });
  }

  #tell(state, sent = this.sent) {
    if (this.settled) return;
    this.state = state;
    this.sent = sent;
    this.#options.changed(this);
  }

  #settle(state, sent = this.sent) {
    if (this.settled) return;
    for (const event of ["online", "pageshow"]) window.removeEventListener(event, this.goOn);
    this.#options.keep?.set(this.#print, null);
    this.state = state;
    this.sent = sent;
    this.#options.changed(this);
  }
}

function parsed(text) {
  try { return JSON.parse(text); } catch { return {}; }
}

/** What an answer other than success means for the file. */
function judged(status, problem, retryAfter) {
  const seconds = Number(retryAfter) || 5;
  if (status === 415 && problem.refusal) return new Refused(problem.refusal);
  if (status === 413) return new Refused("too_large");
  if (status === 429 && problem.limit) return new Refused("too_many_today");
  if (status === 507) return new Later("no_room", seconds);
  if (status === 503 || status === 429) return new Later("unavailable", seconds);
  if (status === 404 || status === 410) return new Refused("gone");
  if ([408, 409, 460].includes(status)) return new Later(); // what has been taken is asked for, and sent on from there
  return status >= 500 ? new Later() : new Refused("failed");
}
