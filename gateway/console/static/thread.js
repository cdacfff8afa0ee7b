// What was said in one conversation, in order, with the notes between: how far each message has come, its files, its original.
//
// The view follows new messages while its reader is at the end, and stays where it is while they read further up.

import { attachment, original } from "./attachments.js";
import { h, icon, keyed, opened } from "./dom.js";
import { dayHeading, moment, sameDay, whole } from "./formats.js";
import { notes, verdict } from "./verdict.js";
import { t, term } from "./words.js";

const NEAR = 80; // so close to the end the view follows new messages

export class Thread {
  call = null; // what plays the recording of a telephone call, and `calls`, its module
  calls = null;
  #seen = null; // the number of the last message that has been on the screen, once anything was drawn

  constructor({ conversation, me, notes }) {
    Object.assign(this, { conversation, me, notes });
    this.messages = h("ol", { class: "messages", "aria-label": t("conversation.messages") });
    this.typing = h("p", { class: "typing", hidden: true }, t(conversation.call ? "call.speaking" : "conversation.typing"));
    this.scroll = h("div", { class: "scroll", tabindex: "0", role: "log", "aria-label": t("conversation.messages") }, this.messages, this.typing);
    this.newer = h("button", { type: "button", class: "newer", hidden: true, on: { click: () => this.toEnd() } }, t("conversation.newer"));
    this.scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    // an answer that grows, or a window that shrinks, must not push the last words out of sight
    this.resized = new ResizeObserver(() => this.atEnd && this.toEnd());
    this.resized.observe(this.scroll);
    // a page that is not seen draws nothing, and what it doesn't draw has not been on the screen
    this.sight = new IntersectionObserver((entries) => this.#saw(entries), { root: this.scroll, threshold: [0.25, 0.5, 0.75, 1] });
    this.node = h("div", { class: "middle" }, this.scroll, this.newer);
  }

  letGo() {
    this.resized.disconnect();
    this.sight.disconnect();
    clearTimeout(this.typingEnds);
  }

  /** Shows the conversation as it is now. */
  update(conversation) {
    this.conversation = conversation;
    const near = this.#near();
    const before = this.messages.childElementCount;
    const replaced = conversation.messages.filter((one) => one.utterance?.superseded);
    const said = conversation.messages.filter((one) => !one.utterance?.superseded);
    const all = this.notes.among(said);
    const rows = replaced.length ? [{ id: "replaced", replaced }, ...all] : all;
    keyed(this.messages, rows, {
      key: (one) => one.id,
      signature: (one) => (one.replaced ? one.replaced.length : JSON.stringify([one.text, one.delivery, one.edits, one.attachments, one.sender, one.utterance, this.call?.plays, this.call?.again])),
      make: (one) => (one.replaced ? this.#replaced(one.replaced) : one.note ? this.notes.row(one, all[all.indexOf(one) - 1]) : this.#message(one, all)),
    });
    if (said.at(-1)?.sender === "customer") this.typing.hidden = true;
    if (near) this.toEnd();
    else if (before && this.messages.childElementCount > before) this.newer.hidden = false;
  }

  customerTypes(active) {
    this.typing.hidden = !active;
    clearTimeout(this.typingEnds);
    if (active) this.typingEnds = setTimeout(() => (this.typing.hidden = true), 8_000);
    if (this.#near()) this.toEnd();
  }

  /** Marks the utterance that is being played, and none but it. */
  mark(id, follows) {
    for (const marked of this.messages.querySelectorAll(".playing")) {
      marked.classList.remove("playing");
      marked.removeAttribute("aria-current");
    }
    const node = id && this.messages.querySelector(`[data-message="${id}"]`);
    if (!node) return;
    node.classList.add("playing");
    node.setAttribute("aria-current", "true");
    if (follows) node.scrollIntoView({ block: "nearest" });
  }

  toStart() {
    this.scroll.scrollTop = 0;
  }

  // what has been on the screen -----------------------------------------------------------------------------

  #saw(entries) {
    for (const { isIntersecting, intersectionRatio, intersectionRect, rootBounds, target } of entries) {
      const most = intersectionRatio >= 0.5 || intersectionRect.height >= (rootBounds?.height ?? Infinity) / 2;
      if (isIntersecting && most) this.#seen = Math.max(this.#seen ?? 0, Number(target.dataset.message));
    }
  }

  /** The id of the last message before the first that has not been on the screen: an answer is to what was seen. */
  after() {
    const { messages } = this.conversation;
    const unseen = this.#seen === null ? -1 : messages.findIndex((one) => Number(one.id) > this.#seen && !one.utterance?.superseded);
    return (unseen < 0 ? messages.at(-1) : messages[unseen - 1])?.id ?? "0";
  }

  toMessage(id) {
    const node = this.messages.querySelector(`[data-message="${CSS.escape(id)}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "start" });
    node.classList.add("shown-now");
    node.addEventListener("animationend", () => node.classList.remove("shown-now"), { once: true });
  }

  #scrolled() {
    this.atEnd = this.#near();
    if (this.atEnd) this.newer.hidden = true;
  }

  #near() {
    return !this.scroll || this.scroll.scrollHeight - this.scroll.scrollTop - this.scroll.clientHeight < NEAR;
  }

  toEnd() {
    this.atEnd = true;
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.newer.hidden = true;
  }

  #replaced(all) {
    return h("li", { class: "message system" }, h("article", {}, details(t("call.replaced", { n: all.length }), all.map((one) => h("p", { class: "text" }, one.text)))));
  }

  #message(one, all) {
    const at = all.indexOf(one);
    const before = all[at - 1];
    const ours = one.sender !== "customer";
    const node = h(
      "li",
      { class: `message ${one.sender}`, "data-message": one.id },
      !before || !sameDay(before.at, one.at) ? h("p", { class: "day" }, dayHeading(one.at)) : null,
      h(
        "article",
        one.utterance?.start !== undefined && this.call?.plays ? { class: "plays", on: { click: (event) => this.call.clicked(event, one) } } : {},
        h(
          "p",
          { class: "meta" },
          h("span", { class: "sender" }, this.#sender(one)),
          one.utterance && this.call ? this.calls.spokenAt(one, this.call) : null,
          one.utterance?.start === undefined ? h("time", { datetime: one.at, title: whole(one.at) }, moment(one.at)) : null,
          ours ? delivery(one) : verdict(one.verdict),
        ),
        ours && one.cc?.length ? h("p", { class: "muted cc" }, t("replying.copied", { to: one.cc.join(", ") })) : null,
        one.subject ? h("p", { class: "subject", lang: this.conversation.language }, one.subject) : null,
        one.wordless ? null : h("p", { class: "text", lang: this.conversation.language }, one.text),
        this.me.translator && one.sender === "customer" && !one.wordless ? this.#translated(one) : null,
        notes(one.notes, one.verdict),
        one.edits.length ? details(t("message.edited", { n: one.edits.length }), one.edits.map((edit) => h("p", { class: "text" }, edit.text ?? ""))) : null,
        one.quoted ? details(t("message.quoted"), h("p", { class: "text" }, one.quoted)) : null,
        one.utterance && this.call ? this.calls.whose(one, this.call) : null,
        this.#attached(one),
      ),
    );
    this.sight.observe(node);
    return node;
  }

  /** Where a translation is offered, and shown under the customer's own words. */
  #translated(one) {
    const place = h("div", { class: "translated", hidden: true });
    import("./translating.js").then(({ offer }) => offer(place, one, this.conversation, () => this.atEnd && this.toEnd()), () => {});
    return place;
  }

  #sender(one) {
    if (one.sender === "unknown") return one.utterance?.label || term("sender", "unknown");
    return one.name && one.sender !== "bot" ? one.name : term("sender", one.sender);
  }

  #attached(one) {
    const place = `/api/v1/conversations/${this.conversation.id}`;
    const files = one.attachments.map((file) => attachment(file, place, this.me));
    const mail = this.conversation.channel === "email" && one.sender === "customer" && one.arrival;
    return [
      files.length ? h("ul", { class: "files", "aria-label": t("message.files") }, files) : null,
      mail
        ? h(
            "p",
            { class: "original" },
            one.html !== false ? h("button", { type: "button", class: "link", on: { click: () => this.#asItLooked(one) } }, t("message.as_it_looked")) : null,
            original(`${place}/messages/${one.id}/original`, `${one.id}.eml`, one.attachments, this.me, t("message.original")),
          )
        : null,
    ];
  }

  /** The mail as its sender laid it out, in a frame without scripts, origin or network. */
  async #asItLooked(one) {
    const address = `/api/v1/conversations/${this.conversation.id}/messages/${one.id}/html`;
    const there = await fetch(address, { method: "HEAD" }).catch(() => null);
    const dialog = h(
      "dialog",
      { class: "wide", "aria-label": t("message.as_it_looked") },
      h(
        "div",
        { class: "row" },
        h("p", { class: "muted" }, t("message.frame_note")),
        h("button", { type: "button", "aria-label": t("close"), class: "quiet", on: { click: () => dialog.close() } }, icon("close")),
      ),
      there?.ok
        ? h("iframe", { src: address, sandbox: "", referrerpolicy: "no-referrer", title: t("message.as_it_looked") })
        : h("p", { class: "empty" }, t("message.no_html")),
    );
    opened(dialog);
  }
}

function details(summary, content) {
  return h("details", {}, h("summary", {}, summary), content);
}

/** How far our words have come and since when, and what that means by this way; where a person is to tell them, with the way to the task. */
function delivery({ id, delivery: state }) {
  if (!state) return null;
  const bad = ["failed", "bounced", "unsure", "stopped", "not_sent"].includes(state.state);
  const mark = { read: "eye", delivered: "twice", sent: "check", told: "check", to_be_told: state.kind === "letter" ? "letter" : "phone" }[state.state];
  const word = term("delivery", state.state === "to_be_told" ? `to_be_told_${state.kind}` : state.state);
  const since = state.at && !["sent", "queued", "sending"].includes(state.state) ? state.at : null; // what is sent was sent when it was said
  const means = meaning(`${state.by ?? state.kind}_${state.state}`) ?? meaning(state.state);
  const described = means ? h("span", { hidden: true, id: `means-${id}` }, means) : null;
  return h(
    "span",
    { class: `delivery ${bad ? "bad" : state.state === "to_be_told" ? "waits" : ""}`, title: means, "aria-describedby": described?.id },
    mark ? icon(mark) : bad ? icon("alert") : icon("clock"),
    h("span", {}, [word, state.how ? term("how", state.how) : ""].filter(Boolean).join(" · ")),
    since ? h("time", { datetime: since, title: whole(since) }, moment(since)) : null,
    state.state === "to_be_told" ? h("a", { href: `/console/tasks/${state.task}` }, t("message.to_task")) : null,
    state.error && state.state !== "sent" ? h("span", { class: "why" }, state.error) : null,
    described,
  );
}

/** What a state means by one way, where it means something of its own there. */
function meaning(name) {
  const key = `replying_means.${name}`;
  const found = t(key);
  return found === key ? null : found;
}
