// The notes that call whoever sits here, and how many of them they have not seen.

import { get, post } from "./api.js";
import { h } from "./dom.js";
import { t } from "./words.js";

/** The button in the frame. `open` goes to a conversation. */
export class Mentions {
  constructor({ live, open }) {
    Object.assign(this, { live, open });
    this.items = [];
    this.count = h("span", { class: "count" });
    this.button = h("button", { type: "button", class: "quiet mentions", on: { click: () => this.#show() } }, "@", this.count);
    this.#tell();
  }

  start() {
    this.live.addEventListener("changed", this.#changed);
    this.live.addEventListener("reload", this.load);
    return this.load();
  }

  stop() {
    this.live.removeEventListener("changed", this.#changed);
    this.live.removeEventListener("reload", this.load);
  }

  #changed = ({ detail }) => detail.kind === "mention" && this.load();

  load = async () => {
    const found = await get("/mentions").catch(() => null);
    if (found) this.items = found.items;
    this.#tell();
  };

  get #unseen() {
    return this.items.filter((one) => one.seen_at === null);
  }

  #tell() {
    const n = this.#unseen.length;
    this.count.textContent = n || "";
    this.button.setAttribute("aria-label", t("mentions.open", { n }));
    this.button.title = t("mentions.open", { n });
  }

  async #show() {
    const { showMentions } = await import("./mentions-dialog.js");
    showMentions(this.items, this.open);
    const seen = this.#unseen.map((one) => one.note.id);
    if (!seen.length) return;
    await post("/mentions/seen", { notes: seen.slice(0, 100) }).catch(() => {}); // they are shown again as not seen
    await this.load();
  }
}
