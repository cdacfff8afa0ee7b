// Files that go with an answer: chosen, dropped or pasted; each on its way at once, and part of the answer when that is sent.
//
// What has come up is remembered with the draft in this tab: a reload loses none of it.

import { session, sessionHeaders } from "./api.js";
import { h, icon, keyed, say } from "./dom.js";
import { size } from "./formats.js";
import { t, term } from "./words.js";

const ADDRESS = "/api/v1/uploads";
const underWay = new Map(); // by conversation: whoever looks at another one meanwhile must not stop them
session.addEventListener("forgotten", forget);

export class Enclosing {
  #coming = 0; // choices of files that are still to be listed

  constructor(composer) {
    this.composer = composer;
    this.place = `qt.files.${composer.id}`;
    if (!underWay.has(this.place)) this.#restore();
    this.input = h("input", { type: "file", multiple: true, hidden: true, on: { change: () => this.#chosen() } });
    this.button = h("button", { type: "button", class: "quiet enclose", title: t("enclosing.add"), "aria-label": t("enclosing.add"), on: { click: () => this.input.click() } }, icon("clip"));
    this.list = h("ul", { class: "enclosed", "aria-label": t("enclosing.title"), hidden: true });
    this.said = h("p", { class: "unseen", role: "status" });
    this.node = h("div", { class: "enclosing" }, this.list, this.said, this.input);
  }

  #restore() {
    underWay.set(this.place, JSON.parse(sessionStorage.getItem(this.place) ?? "[]").map((one) => ({ ...one, state: "done" })));
  }

  /** What goes with the answer was chosen on another page. What comes up just now stays. */
  adopted() {
    const rest = this.#files.filter((one) => !["done", "refused"].includes(one.state));
    this.#restore();
    this.#files.push(...rest);
  }

  get #files() {
    return underWay.get(this.place) ?? []; // none any more once somebody else is signed in
  }

  /** Takes files that are dropped on `target` or pasted into it, while an answer is written. */
  listen(target) {
    const carries = ({ dataTransfer }) => !this.composer.noting && [...(dataTransfer?.types ?? [])].includes("Files");
    target.addEventListener("dragover", (event) => {
      if (!carries(event)) return;
      event.preventDefault();
      target.classList.add("over");
    });
    target.addEventListener("dragleave", () => target.classList.remove("over"));
    target.addEventListener("drop", (event) => {
      target.classList.remove("over");
      if (!carries(event)) return;
      event.preventDefault();
      this.add([...event.dataTransfer.files]);
    });
    target.addEventListener("paste", (event) => {
      const files = [...(event.clipboardData?.files ?? [])];
      // a table that is copied brings a picture of itself along
      if (this.composer.noting || !files.length || event.clipboardData.getData("text")) return;
      event.preventDefault();
      this.add(files);
    });
  }

  #chosen() {
    this.add([...this.input.files]);
    this.input.value = "";
    this.button.focus();
  }

  async add(files) {
    if (this.composer.text.readOnly) return; // what is being sent goes without them
    this.composer.changed(); // with them the answer is another request
    this.#coming += 1;
    try {
      const { Upload } = await import("./upload.js");
      for (const file of files) {
        const upload = new Upload(file, { address: new URL(ADDRESS, location.href).href, headers: sessionHeaders, changed: () => this.#changed() });
        this.#files.push(upload);
      }
    } catch (error) {
      this.composer.failed(error);
    } finally {
      this.#coming -= 1;
    }
    this.#changed();
  }

  #changed() {
    if (!underWay.has(this.place)) return;
    const kept = this.#files.filter((one) => one.state === "done" && one.id).map(({ id, name, size: bytes }) => ({ id, name, size: bytes }));
    const news = JSON.stringify(kept) !== (sessionStorage.getItem(this.place) ?? "[]");
    if (kept.length) sessionStorage.setItem(this.place, JSON.stringify(kept));
    else sessionStorage.removeItem(this.place);
    if (news) (this.composer.shown ?? this.composer).kept.changed("reply");
    // it may have been left and opened again since
    (this.composer.shown?.enclosing ?? this).update();
  }

  update() {
    const { noting } = this.composer;
    this.button.hidden = noting;
    this.list.hidden = noting || this.#files.length === 0;
    keyed(this.list, this.#files, { key: (one) => one, signature: (one) => one.state, make: (one) => this.#file(one) });
    for (const [at, one] of this.#files.entries()) {
      const bar = this.list.children[at]?.querySelector("progress");
      if (bar) bar.value = one.percent;
    }
  }

  #file(one) {
    const settled = ["done", "refused"].includes(one.state);
    const why = one.state === "refused" ? term("enclosing_refused", one.why) : one.state === "waiting" ? t("enclosing.waiting") : "";
    const words = t(settled ? "enclosing.remove" : "enclosing.cancel", { name: one.name });
    return h(
      "li",
      { class: one.state },
      icon(one.state === "refused" ? "alert" : "clip"),
      h("span", { class: "name" }, one.name),
      h("span", { class: "muted" }, size(one.size)),
      settled ? null : h("progress", { max: 100, value: one.percent, "aria-label": one.name }),
      why ? h("span", { class: one.state === "refused" ? "danger" : "muted", role: "status" }, why) : null,
      h("button", { type: "button", class: "quiet", "aria-label": words, title: words, on: { click: () => this.#remove(one) } }, icon("close")),
    );
  }

  #remove(one) {
    one.cancel?.();
    underWay.set(this.place, this.#files.filter((other) => other !== one));
    this.composer.changed(); // without it the answer is another request
    this.#changed();
    (this.list.querySelector("button") ?? this.button).focus();
  }

  /** Why the answer can't be sent yet; empty where it can. */
  get hinders() {
    if (this.#files.some((one) => one.state === "refused")) return t("enclosing.refused_first");
    return !this.#coming && this.#files.every((one) => one.state === "done") ? "" : t("enclosing.not_yet");
  }

  get names() {
    return this.#files.map((one) => one.name);
  }

  body() {
    return this.#files.length ? { attachments: this.#files.map((one) => one.id) } : {};
  }

  /** These have gone with the answer; what came since stays. */
  sent(ids = []) {
    underWay.set(this.place, this.#files.filter((one) => !ids.includes(one.id)));
    this.#changed();
    say(this.said, "");
  }
}

/** The files of whoever was here before are theirs alone, and go no further. */
function forget() {
  const all = [...underWay.values()].flat();
  underWay.clear();
  for (const file of all) file.cancel?.();
}
