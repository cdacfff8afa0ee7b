/**
 * Files as the customer sees them: a chip each, with its name, its size, how far it has come, and a small picture where there is one.
 *
 * Names are text and nothing else. What the gateway gives back is saved under its own name and never opened here; pictures are
 * the gateway's own drawings.
 */

import { fill } from "./log.js";

const PICTURE_TRIES = [0, 1_500, 4_000, 10_000]; // milliseconds: a preview is drawn after the file was taken

function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function showSize(bytes, region) {
  const [value, unit] = bytes >= 1e6 ? [bytes / 1e6, "megabyte"] : [Math.max(bytes / 1e3, bytes ? 0.1 : 0), "kilobyte"];
  return new Intl.NumberFormat(region, { style: "unit", unit, maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
}

/** The sentence for a file that is not taken, or not now. */
export function whyNot(upload, words, limits) {
  const sentence = words.refused[upload.why] ?? words.refused.failed;
  return fill(sentence, { name: upload.name, size: limits.size, count: limits.count, ...upload.values });
}

/** A chip for a file on its way; `remove` is called once it may go. */
export class UploadChip {
  #words;
  #limits;
  #remove;

  constructor(upload, { words, limits, region, remove }) {
    this.#words = words;
    this.#limits = limits;
    this.upload = upload;
    this.element = make("li", "file");
    this.name = make("span", "file-name", upload.name);
    this.size = make("span", "file-size", showSize(upload.size, region));
    this.bar = make("progress");
    this.bar.max = 100;
    this.bar.setAttribute("aria-label", upload.name);
    this.told = make("span", "file-told");
    this.told.setAttribute("role", "status");
    this.#remove = make("button", "file-remove", "×");
    this.#remove.type = "button";
    this.#remove.addEventListener("click", () => remove(upload));
    this.element.append(this.name, this.size, this.bar, this.told, this.#remove);
    this.show();
  }

  show() {
    const { upload } = this;
    const { state, percent } = upload;
    this.element.dataset.state = state;
    this.bar.value = percent;
    this.bar.hidden = upload.settled;
    const label = fill(upload.settled ? this.#words.remove : this.#words.cancel, { name: upload.name });
    this.#remove.setAttribute("aria-label", label);
    let told = "";
    if (state === "refused") told = whyNot(upload, this.#words, this.#limits);
    else if (state === "waiting") told = upload.why ? whyNot(upload, this.#words, this.#limits) : this.#words.waiting;
    // a number that changes all the time is for the eye; it is not read aloud
    this.element.style.setProperty("--sent", `${percent}%`);
    this.size.dataset.percent = upload.settled ? "" : fill(this.#words.sending, { percent });
    if (this.told.textContent !== told) this.told.textContent = told;
    this.told.hidden = !told;
  }

  /** Part of a message that is being sent: nothing is to be removed any more once it has left. */
  settle() { this.#remove.remove(); }
}

/** A file that stands in a message: saved at a press, with a picture where there is one. `get(path)` fetches with the session. */
export function fileChip(file, { words, region, get, failed }) {
  const item = make("li", "file");
  const press = make("button", "file-save");
  press.type = "button";
  press.setAttribute("aria-label", fill(words.save, { name: file.name }));
  press.append(make("span", "file-name", file.name), make("span", "file-size", showSize(file.size, region)));
  press.addEventListener("click", async () => {
    press.disabled = true;
    try { await save(await get(file.id), file.name); } catch (error) { failed(file.name, error); } finally { press.disabled = false; }
  });
  item.append(press);
  if (["image/jpeg", "image/png", "image/webp", "image/gif"].includes(file.media_type)) picture(item, file, words, get);
  return item;
}

async function picture(item, file, words, get) {
  for (const wait of PICTURE_TRIES) {
    await new Promise((done) => { setTimeout(done, wait); });
    if (wait && !item.isConnected) return;
    try {
      const drawn = await (await get(`${file.id}/preview`)).blob();
      const image = make("img", "file-picture");
      image.alt = fill(words.preview, { name: file.name });
      image.src = await asAddress(drawn);
      item.prepend(image);
      return;
    } catch { /* not drawn yet, or never */ }
  }
}

function asAddress(blob) {
  return new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = failed;
    reader.readAsDataURL(blob);
  });
}

/** Bytes without a kind of their own: whatever they are, no browser opens them as a page of ours. */
async function save(response, name) {
  const bytes = new Blob([await response.arrayBuffer()], { type: "application/octet-stream" });
  const address = URL.createObjectURL(bytes);
  const link = make("a");
  link.href = address;
  link.download = nameIn(response.headers.get("Content-Disposition")) ?? name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function nameIn(disposition) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(disposition ?? "");
  try { return found ? decodeURIComponent(found[1]) : null; } catch { return null; }
}

/** Files dropped anywhere on the page, or pasted into it. */
export function onFiles(target, hint, take) {
  let depth = 0;
  const carriesFiles = ({ dataTransfer }) => [...(dataTransfer?.types ?? [])].includes("Files");
  const over = (shown) => { hint.hidden = !shown; };
  target.addEventListener("dragenter", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth += 1;
    over(true);
  });
  target.addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  target.addEventListener("dragleave", (event) => {
    if (!carriesFiles(event)) return;
    depth = Math.max(0, depth - 1);
    if (!depth) over(false);
  });
  target.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    over(false);
    take([...event.dataTransfer.files]);
  });
  target.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData.getData("text")) return; // a copied table brings a picture of itself
    event.preventDefault();
    take(files);
  });
}
