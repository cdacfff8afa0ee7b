/**
 * The customers' page, where script runs: form and look-up are sent without leaving it, and nothing typed is ever lost.
 * Without script the same forms are sent by the browser itself.
 */

import { UploadChip } from "./files.js";
import { Upload } from "./upload.js";

const words = JSON.parse(document.getElementById("words").textContent);
const DRAFT = "qingting.form";
const FIELDS = ["what_happened", "about", "occurred_on", "amount", "desired_outcome", "name", "contact"];
const LOCALES = { "zh-Hans": "zh-CN", "zh-Hant": "zh-HK", en: "en-GB" };

const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

function make(tag, className = "", ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  element.append(...children);
  return element;
}

async function post(address, body, headers = {}) {
  const response = await fetch(address, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json", ...headers },
    body: JSON.stringify(body),
  });
  let answer = {};
  try { answer = await response.json(); } catch { /* a proxy's own page: its status says enough */ }
  return { status: response.status, answer, after: Number(response.headers.get("Retry-After")) || 5 };
}

function showDay(written) {
  const day = new Date(`${written}T00:00:00Z`);
  return new Intl.DateTimeFormat(LOCALES[words.language], { dateStyle: "full", timeZone: "UTC" }).format(day);
}

function showMoment(written) {
  return new Intl.DateTimeFormat(LOCALES[words.language], { dateStyle: "long", timeStyle: "short" }).format(new Date(written));
}

async function busy(button, label, work) {
  const before = [...button.childNodes];
  button.disabled = true;
  button.replaceChildren(label);
  try {
    return await work();
  } finally {
    button.disabled = false;
    button.replaceChildren(...before);
  }
}

// --- the files of the form

/** Files are on their way as soon as they are chosen; what has arrived is remembered with the draft. */
class FormFiles {
  #field;
  #input;
  #list;
  #choose;
  #uploads = [];
  #changed;

  constructor(form, changed) {
    this.#field = form.querySelector("[data-field=attachments]");
    this.#input = this.#field.querySelector("input[type=file]");
    this.#list = this.#field.querySelector("[data-uploads]");
    this.#choose = this.#field.querySelector("[data-choose]");
    // the browser's own field would go on saying that no file is chosen, in the browser's language
    this.#input.classList.add("unseen");
    this.#input.tabIndex = -1;
    this.#choose.hidden = false;
    this.#choose.setAttribute("aria-describedby", "attachments-hint");
    this.#choose.addEventListener("click", () => this.#input.click());
    this.#changed = changed;
    this.#input.addEventListener("change", () => {
      const files = [...this.#input.files];
      this.#input.value = "";
      this.#add(files);
    });
  }

  /** The ids of what has arrived, also with a form that came back to a browser without scripts. */
  get ids() {
    const before = [...this.#field.querySelectorAll("input[type=checkbox]:checked")].map((box) => box.value);
    return [...before, ...this.#uploads.filter(({ state }) => state === "done").map(({ id }) => id)];
  }

  get kept() { return this.#uploads.filter(({ state }) => state === "done").map(({ id, name, size }) => ({ id, name, size })); }
  get busy() { return this.#uploads.some(({ settled }) => !settled); }
  get wrong() { return this.#uploads.some(({ state }) => state === "refused"); }
  get names() { return this.#uploads.filter(({ state }) => state === "done").map(({ name }) => name); }

  /** When everything has arrived or has been refused. */
  settled() { return Promise.all(this.#uploads.map(({ finished }) => finished)); }

  restore(kept) {
    for (const { id, name, size } of kept) this.#show({ id, name, size, state: "done", settled: true, percent: 100, cancel() {} });
  }

  #add(files) {
    const { count, bytes, size } = words.uploads;
    this.say("");
    for (const file of files) {
      if (this.ids.length + this.#uploads.filter(({ settled }) => !settled).length >= count) {
        this.say(fill(words.files.refused.too_many, { count }));
        return;
      }
      if (file.size > bytes) {
        this.say(fill(words.files.refused.too_large, { name: file.name, size }));
        continue;
      }
      const upload = new Upload(file, {
        address: new URL(`${document.querySelector("[data-complaint]").action}/../uploads`).href,
        changed: (one) => this.#stepped(one),
      });
      this.#show(upload);
    }
  }

  #show(upload) {
    const remove = (one) => this.#remove(one);
    upload.chip = new UploadChip(upload, { words: words.files, limits: words.uploads, region: LOCALES[words.language], remove });
    this.#uploads.push(upload);
    this.#list.append(upload.chip.element);
    this.#list.hidden = false;
  }

  #stepped(upload) {
    upload.chip?.show();
    if (upload.settled) this.#changed();
  }

  #remove(upload) {
    upload.cancel();
    upload.chip.element.remove();
    this.#uploads = this.#uploads.filter((one) => one !== upload);
    this.#list.hidden = !this.#uploads.length;
    this.#changed();
    this.#choose.focus();
  }

  say(text) {
    document.getElementById("attachments-error")?.remove();
    this.#choose.setAttribute("aria-describedby", text ? "attachments-hint attachments-error" : "attachments-hint");
    if (!text) return;
    const error = make("p", "error", text);
    error.id = "attachments-error";
    error.setAttribute("role", "alert");
    this.#choose.before(error);
  }

  focus() {
    this.#choose.focus();
    this.#choose.scrollIntoView({ block: "center" });
  }
}

// --- the form

class ComplaintForm {
  #form = document.querySelector("[data-complaint]");
  #alert = document.querySelector("[data-alert]");
  #receipt = document.querySelector("[data-receipt]");
  #files = new FormFiles(document.querySelector("[data-complaint]"), () => this.#keep());
  #key = null;
  #sent = "";

  constructor() {
    this.#form.noValidate = true; // errors are shown beside their fields instead of in the browser's bubble
    this.#restore();
    document.querySelector("[data-scripted]").hidden = false;
    this.#form.addEventListener("input", ({ target }) => {
      this.#keep();
      if (target.getAttribute("aria-invalid")) this.#clearError(target.name);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  async #submit() {
    for (const name of FIELDS) this.#clearError(name);
    this.#alert.hidden = true;
    if (!this.#facts().what_happened) {
      this.#showErrors([["what_happened", words.form.missing]]);
      return;
    }
    const button = this.#form.querySelector("[type=submit]");
    if (this.#files.busy) {
      this.#say(words.form.attachments_wait);
      await busy(button, words.form.sending, async () => {
        while (this.#files.busy) await this.#files.settled(); // more may be chosen meanwhile
      });
      this.#alert.hidden = true;
    }
    if (this.#files.wrong) {
      this.#files.say(words.form.wrong_file);
      this.#files.focus();
      return;
    }
    const facts = this.#facts();
    try {
      const { status, answer, after } = await busy(button, words.form.sending, () =>
        post(this.#form.action, facts, { "Idempotency-Key": this.#keyFor(facts) }));
      if (status === 201 || status === 200) this.#done(answer, facts);
      else if (status === 429) this.#say(fill(words.form.too_many, { seconds: after }));
      else if (status === 422 || status === 400) this.#showErrors(errorsOf(answer, facts));
      else this.#say(fill(words.form.unavailable, { seconds: after }));
    } catch {
      this.#say(words.form.network);
    }
  }

  /** The same complaint sent again after a lost answer is one complaint: it goes under the same key. */
  #keyFor(facts) {
    const written = JSON.stringify(facts);
    if (written !== this.#sent) this.#key = null;
    this.#sent = written;
    this.#key ??= crypto.randomUUID?.() ?? `${Date.now()}-${crypto.getRandomValues(new Uint32Array(3)).join("-")}`;
    return this.#key;
  }

  #facts() {
    const data = [...new FormData(this.#form)].filter(([name]) => name !== "files" && name !== "attachments");
    const filled = data.map(([name, value]) => [name, value.trim()]).filter(([, value]) => value);
    const attachments = this.#files.ids;
    return { ...Object.fromEntries(filled), ...(attachments.length ? { attachments } : {}) };
  }

  #done(answer, facts) {
    sessionStorageOrNothing()?.removeItem(DRAFT);
    const show = (name, text) => {
      const place = this.#receipt.querySelector(`[data-show="${name}"]`);
      if (text) place.textContent = text;
      else place.closest("div").hidden = true;
    };
    show("reference", answer.reference ?? "");
    show("received_at", answer.received_at && showMoment(answer.received_at));
    show("feedback_due", answer.feedback_due && showDay(answer.feedback_due));
    show("files", facts.attachments ? String(facts.attachments.length) : "");
    for (const part of this.#receipt.querySelectorAll("[data-no-contact]")) part.hidden = Boolean(facts.contact);
    this.#receipt.querySelector("[data-with-contact]").hidden = !facts.contact;
    this.#form.hidden = true;
    this.#form.parentElement.querySelectorAll(":scope > h2, :scope > .part-lead").forEach((part) => { part.hidden = true; });
    this.#receipt.hidden = false;
    this.#receipt.focus();
    this.#receipt.scrollIntoView({ block: "center" });
  }

  #showErrors(errors) {
    const files = errors.find(([name]) => name === "attachments");
    if (files) this.#files.say(files[1]);
    const list = make("ul");
    for (const [name, text] of errors) {
      const field = name === "attachments" ? null : this.#form.elements[name];
      if (!field) continue;
      const error = make("p", "error", text);
      error.id = `${name}-error`;
      field.before(error);
      field.setAttribute("aria-invalid", "true");
      this.#describe(field, error.id, true);
      const link = make("a", "", this.#labelOf(field));
      link.href = `#${name}`;
      list.append(make("li", "", link, ` · ${text}`));
    }
    if (!list.children.length) {
      this.#say(words.form.wrong);
      return;
    }
    this.#say(fill(words.form.errors_title, { count: list.children.length }), list);
    this.#form.querySelector("[aria-invalid]")?.focus();
  }

  #labelOf(field) {
    return field.labels[0].firstChild.textContent.trim();
  }

  #clearError(name) {
    const field = this.#form.elements[name];
    document.getElementById(`${name}-error`)?.remove();
    field?.removeAttribute("aria-invalid");
    if (field) this.#describe(field, `${name}-error`, false);
    if (!this.#form.querySelector("[aria-invalid]")) this.#alert.hidden = true;
  }

  #describe(field, id, on) {
    const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && one !== id);
    if (on) ids.push(id);
    if (ids.length) field.setAttribute("aria-describedby", ids.join(" "));
    else field.removeAttribute("aria-describedby");
  }

  #say(text, ...more) {
    this.#alert.replaceChildren(make("p", "", text), ...more);
    this.#alert.hidden = false;
    if (!more.length) this.#alert.scrollIntoView({ block: "center" });
  }

  #keep() {
    const values = Object.fromEntries(FIELDS.map((name) => [name, this.#form.elements[name].value]));
    values.attachments = this.#files.kept;
    try { sessionStorageOrNothing()?.setItem(DRAFT, JSON.stringify(values)); } catch { /* full: the page still holds it */ }
  }

  #restore() {
    let values = {};
    try { values = JSON.parse(sessionStorageOrNothing()?.getItem(DRAFT)) ?? {}; } catch { /* not ours */ }
    this.#files.restore(values.attachments ?? []);
    for (const name of FIELDS) if (values[name] && !this.#form.elements[name].value) this.#form.elements[name].value = values[name];
  }
}

/** The fields that a problem document complains of, each with a sentence from our catalogue. */
function errorsOf(answer, facts) {
  const names = (answer.errors ?? []).map(({ field = "" }) => field.split(".")[0]);
  const particular = { what_happened: facts.what_happened ? "too_long" : "missing", contact: "wrong_contact", occurred_on: "wrong_date", amount: "wrong_amount" };
  const wrong = FIELDS.filter((name) => names.includes(name)).map((name) => [name, words.form[particular[name] ?? "wrong"]]);
  return names.includes("attachments") ? [...wrong, ["attachments", words.files.pick_again]] : wrong;
}

function sessionStorageOrNothing() {
  try { return window.sessionStorage; } catch { return null; }
}

// --- the look-up

class StatusForm {
  #form = document.querySelector("[data-status]");
  #found = document.querySelector("[data-found]");
  #link = document.querySelector("[data-link]");

  constructor() {
    this.#form.noValidate = true;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#look();
    });
  }

  async #look() {
    const { reference, contact } = Object.fromEntries(new FormData(this.#form));
    if (!reference.trim() || !contact.trim()) {
      this.#say(words.status.missing);
      this.#form.elements[reference.trim() ? "contact" : "reference"].focus();
      return;
    }
    this.#link.hidden = true;
    const button = this.#form.querySelector("[type=submit]");
    const asked = { reference: reference.trim(), contact: contact.trim() };
    try {
      const { status, answer, after } = await busy(button, words.status.searching, () => post(this.#form.dataset.status, asked));
      if (status === 200) this.#show(answer, asked);
      else if (status === 429 || status === 503) this.#say(fill(words.status.too_many, { seconds: after }));
      else if (status === 422 || status === 400) this.#say(words.status.typing_error);
      else this.#say(words.status.none);
    } catch {
      this.#say(words.status.network);
    }
  }

  #show(answer, asked) {
    const facts = make("dl", "facts");
    const add = (term, text) => facts.append(make("div", "", make("dt", "", term), make("dd", "", text)));
    add(words.status.state, words.status.words[answer.status] ?? answer.status);
    if (answer.feedback_due) add(words.status.due, showDay(answer.feedback_due));
    const next = words.status.next_steps[answer.next_step];
    if (next) add(words.status.next, next);
    this.#tell(make("h3", "", words.status.result), facts);
    for (const [name, value] of Object.entries(asked)) this.#link.elements[name].value = value;
    this.#link.hidden = false;
  }

  #say(text) {
    this.#tell(make("p", "note", text));
  }

  /** Where it is seen: on a small screen it would stand below what is shown. */
  #tell(...what) {
    this.#found.replaceChildren(...what);
    this.#found.scrollIntoView({ block: "nearest" });
  }
}

// --- the rest

for (const link of document.querySelectorAll("[data-open-chat]")) {
  link.addEventListener("click", (event) => {
    if (!window.Qingting || event.ctrlKey || event.metaKey || event.shiftKey) return; // the chat opens as a page of its own
    event.preventDefault();
    window.Qingting.open();
  });
}

for (const copy of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  copy.hidden = false;
  copy.addEventListener("click", async () => {
    await navigator.clipboard.writeText(copy.parentElement.querySelector("output").textContent);
    copy.textContent = words.page.copied;
  });
}

if (document.querySelector("[data-complaint]")) new ComplaintForm();
if (document.querySelector("[data-status]")) new StatusForm();
