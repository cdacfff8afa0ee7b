/**
 * What the customer sees of the conversation. Everything that anybody wrote becomes a text node, never markup.
 *
 * Messages stand in order of their numbers, those not sent yet at the end.
 */

const NEAR_END = 80; // pixels
const HAN = /\p{Script=Han}/u;
const REFERENCE = /C\d{8}-\d{6,12}-\d/g;
const LINK = /https?:\/\/[^\s<>"'，。；：！？、（）《》「」“”]+[^\s<>"'，。；：！？、（）《》「」“”.,;:!?)\]]/g;

export function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

export function button(className, label, onClick) {
  const element = make("button", className, label);
  element.type = "button";
  element.addEventListener("click", onClick);
  return element;
}

export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

export class Log {
  #root = document.getElementById("log");
  #scroll = document.getElementById("scroll");
  #newer = document.getElementById("newer");
  #numbered = new Map();
  #cases = new Map();
  #choices = null;
  #missed = 0;
  #following = true; // the end is in sight and is to stay there, whatever grows
  #top = 0;
  #quiet = 0;
  #words;
  #locale;
  #region;
  #statuses;

  constructor({ words, locale, region, statuses }) {
    this.#words = words;
    this.#locale = locale;
    this.#region = region;
    this.#statuses = statuses;
    this.#newer.addEventListener("click", () => this.toEnd());
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // a picture that has come makes its message taller long after it was put in place; a keyboard makes the window lower
    const grown = new ResizeObserver(() => this.#following && this.#toBottom());
    for (const part of [this.#root, this.#scroll]) grown.observe(part);
  }

  has(number) { return this.#numbered.has(number); }

  /** The newest number shown, of anybody. */
  clear() {
    this.#root.replaceChildren();
    this.#numbered.clear();
    this.#cases.clear();
    this.#choices = null;
    this.#caughtUp();
  }

  /** A new conversation begins below: its numbers start anew. */
  beginAnew(text) {
    this.#numbered.clear();
    this.#cases.clear();
    this.endChoices();
    for (const element of this.#root.querySelectorAll("[data-number]")) delete element.dataset.number;
    this.note(text);
  }

  /** History that is read in after a connection isn't read aloud line by line. */
  catchingUp() {
    this.#root.setAttribute("aria-busy", "true");
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => this.#root.removeAttribute("aria-busy"), 600);
  }

  /** `files` are chips; a message that came `wordless` shows nothing else. */
  message({ number = null, sender, name, text, at, files = [], wordless = false }) {
    const element = make("div", `message ${sender === "customer" ? "mine" : sender}`);
    const said = make("p", "said");
    if (wordless) said.hidden = true;
    else linkify(said, text);
    const language = languageOf(text, this.#locale);
    if (language) said.lang = language;
    const who = sender === "agent" && name ? name : this.#words.sender[sender] ?? "";
    const meta = make("p", "meta", make("span", "time", this.#time(at)));
    element.append(make("p", sender === "customer" ? "sender unseen" : "sender", who), said, meta);
    this.files(element, files);
    this.#keepPlace(sender === "customer" && number === null, () => this.#place(element, number), sender !== "customer");
    return element;
  }

  /** Shows these chips with a message, instead of those that it had. */
  files(element, chips) {
    element.querySelector(".files")?.remove();
    if (!chips.length) return;
    const list = make("ul", "files", ...chips);
    list.setAttribute("aria-label", this.#words.files);
    this.staying(() => element.querySelector(".meta").before(list));
  }

  /** A message has got its number: it stands where the number says. */
  number(element, number) {
    element.classList.remove("pending");
    this.#keepPlace(false, () => this.#place(element, number), false);
  }

  remove(element) { element.remove(); }

  /** Shows the state of one of the customer's messages, with what can be done about it. */
  state(element, state, actions = []) {
    element.dataset.state = state;
    element.classList.toggle("pending", !["stored", "seen"].includes(state));
    const meta = element.querySelector(".meta");
    meta.querySelectorAll(".state, button").forEach((old) => old.remove());
    meta.append(make("span", "state", this.#words.state[state]));
    for (const [label, act] of actions) meta.append(button("link", label, act));
  }

  /** Everything of the customer's up to this number has been read: an answer to it came. */
  seenUpTo(number) {
    for (const [own, element] of this.#numbered) {
      if (own < number && element.dataset.state === "stored") this.state(element, "seen");
    }
  }

  note(text) {
    this.#keepPlace(false, () => this.#root.insertBefore(make("p", "note", text), this.#firstPending()), true);
  }

  offer(choices, choose) {
    this.endChoices();
    const group = make("div", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", this.#words.choices);
    for (const choice of choices) group.append(button("choice", choice.label, () => choose(choice)));
    this.#choices = group;
    this.#keepPlace(false, () => this.#root.insertBefore(group, this.#firstPending()), true);
  }

  endChoices() {
    this.#choices?.remove();
    this.#choices = null;
  }

  /** A case was filed or has changed: one card each. */
  showCase({ reference, status, feedback_due: due }) {
    const words = this.#words;
    const known = this.#cases.get(reference);
    const card = make("section", "case");
    card.setAttribute("aria-label", `${words.case} ${reference}`);
    card.append(make("p", "case-what", words.case));
    const copy = button("small", words.copy, () => this.#copy(reference, copy));
    card.append(make("p", "case-number", make("strong", "", reference), copy));
    const facts = make("dl");
    if (due) facts.append(make("div", "", make("dt", "", words.case_due), make("dd", "", this.#day(due))));
    const told = this.#statuses[status];
    if (told) facts.append(make("div", "", make("dt", "", words.case_status), make("dd", "", told)));
    card.append(facts);
    this.#cases.set(reference, card);
    if (known) known.replaceWith(card);
    else this.#keepPlace(false, () => this.#root.insertBefore(card, this.#firstPending()), true);
  }

  toEnd() {
    this.#following = true;
    this.#toBottom();
    this.#caughtUp();
  }

  #toBottom() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
  }

  /** Only whoever scrolls up wants to stay there: what grows below moves the end away without a hand. */
  #scrolled() {
    const { scrollTop } = this.#scroll;
    const up = scrollTop < this.#top;
    this.#top = scrollTop;
    if (this.#isAtEnd()) {
      this.#following = true;
      this.#caughtUp();
    } else if (up) this.#following = false;
  }

  /** Stays at the end while something outside the log changes its height. */
  staying(change) {
    change();
    if (this.#following) this.#toBottom();
  }

  #place(element, number) {
    let next = this.#firstPending(element);
    if (number !== null) {
      element.dataset.number = number;
      this.#numbered.set(number, element);
      for (const other of this.#root.querySelectorAll("[data-number]")) {
        if (Number(other.dataset.number) > number) { next = other; break; }
      }
    } else {
      next = null;
    }
    if (element.parentNode !== this.#root || this.#isOutOfPlace(element, next)) this.#root.insertBefore(element, next);
  }

  #isOutOfPlace(element, next) {
    for (let after = element.nextElementSibling; after !== next; after = after.nextElementSibling) {
      if (!after || after.matches(".message")) return true;
    }
    return false;
  }

  #firstPending(except = null) {
    return [...this.#root.querySelectorAll(".message.pending")].find((element) => element !== except) ?? null;
  }

  #keepPlace(always, change, counts) {
    change();
    if (always || this.#following) this.toEnd();
    else if (counts) this.#showNewer();
  }

  #isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.#scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END;
  }

  #showNewer() {
    this.#missed += 1;
    this.#newer.textContent = fill(this.#words.unread, { count: this.#missed });
    this.#newer.hidden = false;
  }

  #caughtUp() {
    this.#missed = 0;
    this.#newer.hidden = true;
  }

  #time(at) {
    const when = at ? new Date(at) : new Date();
    if (Number.isNaN(when.getTime())) return "";
    const today = when.toDateString() === new Date().toDateString();
    const date = today ? {} : { month: "short", day: "numeric" };
    return new Intl.DateTimeFormat(this.#region, { ...date, hour: "2-digit", minute: "2-digit", hour12: false }).format(when);
  }

  #day(due) {
    const day = new Date(`${due}T00:00:00Z`);
    if (Number.isNaN(day.getTime())) return due;
    return new Intl.DateTimeFormat(this.#region, { dateStyle: "full", timeZone: "UTC" }).format(day);
  }

  async #copy(reference, copy) {
    if (await copyText(reference)) {
      copy.textContent = this.#words.copied;
      setTimeout(() => { copy.textContent = this.#words.copy; }, 3000);
    }
  }
}

/** Puts text on the clipboard; a frame that may not gets it by way of a selection. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = make("textarea", "unseen");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function linkify(element, text) {
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    if (!URL.canParse?.(found[0])) continue;
    const link = make("a", "", found[0]);
    link.href = found[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    element.append(...words(text.slice(from, found.index)), link);
    from = found.index + found[0].length;
  }
  element.append(...words(text.slice(from)));
}

/** Text whose reference numbers stay on one line each: broken at a hyphen they are copied wrongly. */
function words(text) {
  const parts = [];
  let from = 0;
  for (const found of text.matchAll(REFERENCE)) {
    parts.push(text.slice(from, found.index), make("span", "whole", found[0]));
    from = found.index + found[0].length;
  }
  return [...parts, text.slice(from)];
}

/** The language of a text where it plainly isn't the page's: a voice and a font fit to it. */
function languageOf(text, locale) {
  const chinese = HAN.test(text);
  if (locale === "en") return chinese ? "zh" : "";
  return !chinese && /[a-z]{3}/i.test(text) ? "en" : "";
}
