/**
 * Files that are to go with the next message: chosen, dropped or pasted, on their way at once, taken along when it is sent.
 */

import { onFiles, UploadChip } from "./files.js";
import { fill } from "./log.js";
import { Upload } from "./upload.js";

const AT_ONCE = 2; // uploads under way: a slow line is not shared by ten

export class Tray {
  #list = document.getElementById("tray");
  #input = document.getElementById("file");
  #chips = new Map(); // upload -> chip
  #tray = [];
  #queue = [];
  #options;

  /** `changed()`: what is in the tray; `progressed(uploads)`: each step of one, in the tray or in a message; `told(text)`: a word. */
  constructor(options) {
    this.#options = options;
    const { settings } = options;
    document.getElementById("attach").addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      this.add([...this.#input.files]);
      this.#input.value = ""; // the same file can be chosen again
    });
    onFiles(document, document.getElementById("drop"), (files) => this.add(files));
    this.limits = settings.uploads;
  }

  /** How many files would go with a message sent now. */
  get count() { return this.#usable.length; }

  get #usable() { return this.#tray.filter(({ state }) => state !== "refused" && state !== "cancelled"); }

  add(files) {
    const { settings, told } = this.#options;
    const room = Math.max(0, this.limits.count - this.#tray.length);
    if (files.length > room) told(fill(settings.files.refused.too_many, { count: this.limits.count }));
    for (const file of files.slice(0, room)) {
      if (file.size > this.limits.bytes) told(fill(settings.files.refused.too_large, { name: file.name, size: this.limits.size }));
      else this.#queue.push(file);
    }
    this.#begin();
  }

  /** The connection is back, or a session has begun. */
  goOn() {
    for (const upload of this.#chips.keys()) upload.goOn();
    this.#begin();
  }

  /** Begins what waits, as soon as there is a session to send it in. */
  #begin() {
    const { keep, headers, ready } = this.#options;
    const address = new URL("api/v1/uploads", location.href).href.split("?")[0];
    while (this.#queue.length && ready() && this.#busy < AT_ONCE) {
      const upload = new Upload(this.#queue.shift(), { address, headers, keep, changed: (one) => this.#changed(one) });
      this.#tray.push(upload);
      this.#list.append(this.#chip(upload).element);
    }
    this.#show();
  }

  get #busy() { return [...this.#chips.keys()].filter(({ settled }) => !settled).length; }

  #chip(upload) {
    const { settings } = this.#options;
    const remove = (one) => this.#remove(one);
    const chip = new UploadChip(upload, { words: settings.files, limits: this.limits, region: settings.region, remove });
    this.#chips.set(upload, chip);
    return chip;
  }

  #changed(upload) {
    this.#chips.get(upload)?.show();
    this.#options.progressed([upload]);
    if (upload.settled) this.#begin();
  }

  #remove(upload) {
    upload.cancel();
    if (!this.#tray.includes(upload)) return; // it goes with a message, which hears of it
    this.#tray = this.#tray.filter((one) => one !== upload);
    this.#chips.get(upload)?.element.remove();
    this.#chips.delete(upload);
    this.#show();
    document.getElementById("text").focus();
  }

  /** The uploads for a message; the tray is empty then. What was refused stays to be read. */
  take() {
    const taken = this.#usable;
    this.#tray = this.#tray.filter((upload) => !taken.includes(upload));
    this.#show();
    return taken;
  }

  /** The chips of a message that waits: of uploads that are here, else of what is known of its files. */
  chips(files, uploads) {
    if (uploads.length) return uploads.map((upload) => (this.#chips.get(upload) ?? this.#chip(upload)).element);
    const { settings } = this.#options;
    return files.map(({ name, size }) => {
      const upload = { name, size, state: "done", settled: true, percent: 100 };
      const chip = new UploadChip(upload, { words: settings.files, limits: this.limits, region: settings.region, remove: () => {} });
      chip.settle();
      return chip.element;
    });
  }

  clear() {
    this.#queue = [];
    for (const upload of [...this.#tray]) this.#remove(upload);
  }

  #show() {
    this.#list.hidden = !this.#tray.length;
    this.#options.changed();
  }
}
