/**
 * What the chat keeps on this device: the session, messages not sent yet, the text being written.
 *
 * A browser may refuse lasting storage inside a frame of another site; then the tab's storage serves, and where that is
 * refused too, memory: the chat works all the same and says that what is unsent would be lost.
 */

const PREFIX = "qingting.";
const OUT = `${PREFIX}out.`;

class Memory {
  #values = new Map();
  get length() { return this.#values.size; }
  key(index) { return [...this.#values.keys()][index] ?? null; }
  getItem(name) { return this.#values.get(name) ?? null; }
  setItem(name, value) { this.#values.set(name, value); }
  removeItem(name) { this.#values.delete(name); }
}

function usable(name) {
  try {
    const storage = window[name];
    storage.setItem(`${PREFIX}probe`, "1");
    storage.removeItem(`${PREFIX}probe`);
    return storage;
  } catch {
    return null;
  }
}

export class Keep {
  #storage;
  #order = 0;

  constructor() {
    const stored = usable("localStorage") ?? usable("sessionStorage");
    this.lasting = stored !== null;
    this.#storage = stored ?? new Memory();
  }

  get(name) { return this.#storage.getItem(PREFIX + name); }

  set(name, value) {
    if (value === null || value === "") this.#storage.removeItem(PREFIX + name);
    else this.#put(PREFIX + name, value);
  }

  /** Messages that are not acknowledged yet, oldest first. Each has a key of its own: tabs never overwrite each other's. */
  outbox() {
    const entries = this.#names(OUT).map((name) => {
      try { return JSON.parse(this.#storage.getItem(name)); } catch { return null; }
    });
    return entries.filter((entry) => entry?.client_id && (entry.text || entry.files?.length)).sort((a, b) => a.order - b.order);
  }

  /** `files` have a name and a size each, and an id once they are uploaded. */
  newEntry(text, choice, files = []) {
    this.#order = Math.max(Date.now(), this.#order + 1);
    const entry = { client_id: newId(), text, choice, files, order: this.#order };
    this.putEntry(entry);
    return entry;
  }

  putEntry(entry) { this.#put(OUT + entry.client_id, JSON.stringify(entry)); }

  dropEntry(clientId) { this.#storage.removeItem(OUT + clientId); }

  clear() {
    for (const name of this.#names(PREFIX)) this.#storage.removeItem(name);
  }

  /** Calls back when another tab has changed the session. */
  onSession(callback) {
    window.addEventListener("storage", (event) => {
      if (event.key === `${PREFIX}session`) callback(this.get("session"));
    });
  }

  #names(prefix) {
    const names = Array.from({ length: this.#storage.length }, (_, index) => this.#storage.key(index));
    return names.filter((name) => name?.startsWith(prefix));
  }

  #put(name, value) {
    try {
      this.#storage.setItem(name, value);
    } catch {
      this.lasting = false; // full: sending goes on from memory
    }
  }
}

function newId() {
  if (crypto.randomUUID) return crypto.randomUUID(); // missing where the page came by plain HTTP
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
