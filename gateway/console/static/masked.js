// Numbers that come masked: each is a button that asks for a reason and shows the number in its place, for some minutes or until the case is left.

import { post } from "./api.js";
import { h, opened, say } from "./dom.js";
import { numbersIn } from "./mask-forms.js";
import { told } from "./problems.js";
import { sheet } from "./sections.js";
import { room, t } from "./words.js";

const SHOWN_FOR = 180_000; // milliseconds
const REASONS = ["customer", "transaction", "record", "oversight"];
const NEVER = "a, button, summary, label, option, textarea, select, form.edit, [contenteditable]"; // nothing that is pressed holds a button

/** Keeps the numbers in a place pressable. `subject()` is the path of what is shown there now, or null. */
export async function watchMasks(place, subject) {
  sheet("masked.css");
  await room("masked");
  new Masks(place, subject);
}

class Masks {
  #of = null;
  #values = new Map(); // by the message and what stands masked in it: another number may end alike

  constructor(place, subject) {
    this.place = place;
    this.subject = subject;
    this.observer = new MutationObserver((changes) => this.#changed(changes));
    this.#made(place);
    this.#listen();
  }

  #listen() {
    this.observer.observe(this.place, { childList: true, subtree: true, characterData: true });
  }

  #changed(changes) {
    if (this.subject() !== this.#of) this.#forget();
    const nodes = new Set(changes.flatMap((one) => (one.type === "characterData" ? [one.target] : [...one.addedNodes])));
    for (const node of nodes) if (node.isConnected) this.#made(node);
    this.observer.takeRecords(); // what was made here
  }

  #forget() {
    this.#of = this.subject();
    for (const [, { timer }] of this.#values) clearTimeout(timer);
    this.#values.clear();
    this.#update();
  }

  #made(root) {
    if (root.nodeType === Node.TEXT_NODE) return this.#split(root);
    if (root.nodeType !== Node.ELEMENT_NODE || !root.textContent.includes("*")) return;
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT, (node) => (node.data.includes("*") ? NodeFilter.FILTER_ACCEPT : NodeFilter.FILTER_SKIP));
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    texts.forEach((text) => this.#split(text));
  }

  #split(text) {
    if (!text.data.includes("*") || !text.parentElement || text.parentElement.closest(NEVER)) return;
    const found = numbersIn(text.data);
    if (!found.length) return;
    const parts = [];
    let end = 0;
    for (const { kind, at, masked } of found) {
      parts.push(text.data.slice(end, at), this.#button(kind, masked));
      end = at + masked.length;
    }
    text.replaceWith(...parts.filter((part) => part !== ""), text.data.slice(end));
    parts.forEach((part) => typeof part !== "string" && this.#show(part)); // in its place, which says of which message it is
  }

  #button(kind, masked) {
    return h("button", { type: "button", class: "masked", "data-kind": kind, "data-masked": masked, on: { click: (event) => this.#pressed(event, event.currentTarget) } });
  }

  #show(button) {
    const { masked, kind } = button.dataset;
    const value = this.#values.get(this.#key(button))?.value;
    const name = t(`masked.${kind}`);
    say(button, value ?? masked);
    button.title = t(value ? "masked.hide" : "masked.show", { kind: name });
    button.setAttribute("aria-label", value ? t("masked.shown", { kind: name, value }) : t("masked.named", { kind: name, end: masked.normalize("NFKC").replace(/[^0-9A-Za-z]/g, "").slice(-4) }));
    button.classList.toggle("shown", Boolean(value));
  }

  #update() {
    this.place.querySelectorAll("button.masked").forEach((button) => this.#show(button));
    this.observer.takeRecords();
  }

  async #pressed(event, button) {
    event.stopPropagation(); // a call plays from where it is pressed
    const { masked, kind } = button.dataset;
    const key = this.#key(button);
    if (this.#values.has(key)) return this.#hide(key);
    const of = this.subject();
    const message = this.#message(button);
    const found = await asked(kind, (reason) => post(`${of}/reveal`, { reason, masked, ...(message && { message }) }));
    if (!found || of !== this.subject()) return;
    const before = masked.slice(0, -found.items[0].masked.length); // stars of a list or of emphasis, which hide nothing
    const value = before + found.items.map((one) => one.value).join(" / ");
    this.#of = of;
    this.#values.set(key, { value, timer: setTimeout(() => this.#hide(key), SHOWN_FOR) });
    this.#update();
    if (button.isConnected) button.focus({ preventScroll: true });
  }

  #message(button) {
    return this.subject()?.startsWith("/conversations/") ? button.closest("[data-message]")?.dataset.message : undefined;
  }

  #key(button) {
    return JSON.stringify([this.#message(button), button.dataset.masked]);
  }

  #hide(key) {
    clearTimeout(this.#values.get(key)?.timer);
    this.#values.delete(key);
    this.#update();
  }
}

/** Asks why, and does it; a refusal is told, and asked again. Answers what `reveal` does, null for nothing. */
function asked(kind, reveal) {
  return new Promise((answer) => {
    let found = null;
    let busy = false;
    const said = h("p", { class: "said", id: "masked-said", role: "alert" });
    const own = h("input", { id: "masked-why", maxlength: 500, autocomplete: "off", "aria-describedby": "masked-said" });
    const because = async (reason) => {
      if (busy) return;
      busy = true;
      say(said, "");
      try {
        const { items } = (found = await reveal(reason));
        if (items.length) return dialog.close();
        found = null;
        say(said, t("masked.nothing"));
      } catch (error) {
        say(said, error.code === "not_yours" ? t("masked.not_yours") : told(error));
      } finally {
        busy = false;
      }
    };
    const submit = (event) => {
      event.preventDefault();
      const reason = own.value.trim();
      if (reason) return because(reason);
      own.setAttribute("aria-invalid", "true");
      say(said, t("masked.needed"));
      own.focus();
    };
    const dialog = h(
      "dialog",
      { class: "small", "aria-labelledby": "masked-title" },
      h("h2", { id: "masked-title" }, t("masked.title", { kind: t(`masked.${kind}`) })),
      h("p", { class: "muted" }, t("masked.about")),
      h("div", { class: "choices masked-why", role: "group", "aria-label": t("masked.why") }, REASONS.map((name) => h("button", { type: "button", on: { click: () => because(t(`masked.because_${name}`)) } }, t(`masked.because_${name}`)))),
      h(
        "form",
        { novalidate: true, on: { submit } },
        h("label", { for: "masked-why" }, t("masked.own")),
        own,
        said,
        h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => dialog.close() } }, t("cancel")), h("button", { type: "submit", class: "strong" }, t("masked.do"))),
      ),
    );
    opened(dialog).then(() => answer(found));
  });
}
