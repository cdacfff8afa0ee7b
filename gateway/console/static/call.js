// A telephone call beside its text: the recording, the second of each utterance, who speaks, and whether it may be kept.
//
// The sound is fetched when somebody presses play, not before: each listening is written down. What is being spoken is marked
// in the text; choosing an utterance plays from its second.

import { post } from "./api.js";
import { confirmed, fill, h, icon, say } from "./dom.js";
import { clock, percent, shortly } from "./formats.js";
import { bind } from "./keys.js";
import { told } from "./problems.js";
import { t, term } from "./words.js";

const SPEEDS = [1, 1.25, 1.5];
const LEAP = 5; // seconds
const UNSURE = 0.6; // as the gateway has it
const HANDS_OFF = 4_000; // whoever has just scrolled is not taken elsewhere
const STRETCH = 8; // seconds that an utterance without an end counts as spoken

/** What a message of a call shows beside its words. */
export function spokenAt(message, panel) {
  const { start, confidence } = message.utterance;
  const second = start === undefined ? null : clock(start);
  const unsure = confidence !== undefined && confidence < UNSURE ? h("span", { class: "tag unsure" }, t("call.sure", { percent: percent(confidence) })) : null;
  if (second === null) return [unsure];
  const at = panel.plays
    ? h("button", { type: "button", class: "second", "aria-label": t("call.play_from", { time: second }), on: { click: () => panel.playFrom(start) } }, icon("play"), second)
    : h("span", { class: "second" }, second);
  return [at, unsure];
}

/** Two answers to the question whose words these are, where nobody knows or somebody has it wrong. */
export function whose(message, panel) {
  if (message.sender !== "unknown" && !panel.again) return null;
  const choice = (voice) => h("button", { type: "button", "aria-pressed": String(message.sender === voice), on: { click: () => panel.decide({ utterances: { [message.id]: voice } }) } }, term("sender", voice));
  return h("p", { class: "whose", role: "group", "aria-label": t("call.whose") }, choice("customer"), choice("agent"));
}

export class CallPanel {
  /** `marks(id)` marks the message that is being spoken, or none; `taken(conversation)` fetches what has changed. */
  constructor({ me, marks, changed, scrolled, redraw }) {
    this.me = me;
    this.redraw = redraw;
    this.again = false;
    this.marks = marks;
    this.changed = changed;
    this.scrolled = scrolled;
    this.said = h("p", { class: "said", role: "alert" });
    this.about = h("p", { class: "about" });
    this.player = h("div", { class: "player", role: "group", "aria-label": t("call.recording"), hidden: true });
    this.kept = h("p", { class: "kept" });
    this.asks = h("div", { class: "voices", hidden: true });
    this.node = h("section", { class: "call", "aria-label": t("call.title") }, this.about, this.player, this.kept, this.asks, this.said);
    this.letGo = bind({ p: () => this.toggle(), ",": () => this.leap(-LEAP), ".": () => this.leap(LEAP) });
    this.ticking = setInterval(() => this.#about(), 1_000);
  }

  /** The call is left: nothing goes on playing. */
  end() {
    this.letGo();
    clearInterval(this.ticking);
    this.audio?.pause();
    this.audio?.removeAttribute("src");
    this.audio?.load();
    this.audio = null;
  }

  get plays() {
    return Boolean(this.call?.recording) && this.me.scopes.some((scope) => ["recordings", "admin"].includes(scope));
  }

  update(conversation) {
    this.conversation = conversation;
    this.call = conversation.call;
    this.spoken = conversation.messages.filter((one) => one.utterance?.start !== undefined && !one.utterance.superseded);
    this.#about();
    this.#player();
    this.#kept();
    this.#voices();
  }

  /** Somebody has clicked into an utterance, not at a control in it and not to mark words. */
  clicked(event, message) {
    if (!event.target.closest("button, a, details") && getSelection().isCollapsed) this.playFrom(message.utterance.start);
  }

  // what is known of it --------------------------------------------------------------------------------------

  #about() {
    const { call } = this;
    const live = call.state === "live";
    const since = live ? Math.max(0, (Date.now() - Date.parse(call.started_at ?? this.conversation.created_at)) / 1000) : null;
    const facts = [
      live ? t("call.live", { time: clock(since) }) : call.started_at ? t("call.began", { when: shortly(call.started_at) }) : t("call.ended"),
      !live && call.duration ? t("call.lasted", { time: clock(call.duration) }) : null,
      call.customer_number ? t("call.from", { number: call.customer_number }) : null,
      call.line !== "main" ? t("call.line", { line: call.line }) : null,
      call.agent ? t("call.agent", { name: call.agent }) : null,
    ];
    this.node.classList.toggle("live", live);
    say(this.about, facts.filter(Boolean).join(" · "));
  }

  #kept() {
    const { call } = this;
    const known = this.conversation.messages.some((one) => one.sender === "customer");
    const sign = JSON.stringify([call.consent, call.consent_basis, Boolean(call.recording), this.plays, known]);
    if (sign === this.keptSign) return;
    this.keptSign = sign;
    const consent = call.consent === "yes" ? t(`call.consent_${call.consent_basis ?? "said"}`) : t(`call.consent_${call.consent}`);
    fill(
      this.kept,
      h("span", { class: `consent ${call.consent}` }, icon(call.consent === "yes" ? "check" : "alert"), consent),
      call.recording ? (this.plays ? null : h("span", {}, t("call.not_allowed"))) : h("span", {}, t("call.no_recording")),
      h("span", {}, t("call.from_customer_only")),
      known ? h("button", { type: "button", class: "link", title: call.why_speakers, on: { click: () => this.#again() } }, t("call.mixed_up")) : null,
      call.recording ? h("button", { type: "button", class: "link", on: { click: () => this.#objects() } }, t("call.objects")) : null,
    );
  }

  /** Asks anew who is who. */
  #again() {
    this.again = !this.again;
    this.voicesSign = null;
    this.redraw();
  }

  async #objects() {
    if (!(await confirmed(t("call.objects_sure"), t("call.objects_yes"), t("cancel")))) return;
    this.audio?.pause();
    await this.#send("consent", { consent: "no" });
  }

  // the sound ------------------------------------------------------------------------------------------------

  #player() {
    this.player.hidden = !this.plays;
    if (!this.plays || this.audio) return;
    this.audio = new Audio();
    this.audio.preload = "none";
    this.audio.src = `/api/v1/calls/${encodeURIComponent(this.conversation.id)}/recording`;
    for (const name of ["play", "pause", "ended"]) this.audio.addEventListener(name, () => this.#state());
    for (const name of ["timeupdate", "seeked", "durationchange"]) this.audio.addEventListener(name, () => this.#moved());
    this.audio.addEventListener("error", () => this.audio && say(this.said, t("call.cannot_play")));
    this.button = h("button", { type: "button", class: "strong round", on: { click: () => this.toggle() } });
    this.at = h("span", { class: "at" }, "0:00");
    this.total = h("span", { class: "total" }, clock(this.call.duration ?? 0));
    this.slider = h("input", { type: "range", min: 0, max: Math.max(1, this.call.duration ?? 1), step: 0.1, value: 0, "aria-label": t("call.position"), on: { input: () => this.#seek(Number(this.slider.value)) } });
    const kept = Number(sessionStorage.getItem("qt.speed")) || 1;
    this.speed = h("select", { class: "speed", "aria-label": t("call.speed"), on: { change: () => this.#speed(Number(this.speed.value)) } }, SPEEDS.map((one) => h("option", { value: one, selected: one === kept }, `${one}×`)));
    const leap = (by, name) => h("button", { type: "button", class: "quiet leap", "aria-label": t(`call.${name}`, { n: LEAP }), title: t(`call.${name}`, { n: LEAP }), on: { click: () => this.leap(by) } }, icon(name));
    fill(this.player, this.button, leap(-LEAP, "back5"), leap(LEAP, "forward5"), this.at, this.slider, this.total, this.speed);
    this.#speed(kept);
    this.#state();
  }

  toggle() {
    if (!this.audio) return;
    this.audio.paused ? this.#play() : this.audio.pause();
  }

  leap(by) {
    if (this.audio) this.#seek(Math.max(0, this.audio.currentTime + by));
  }

  playFrom(second) {
    if (!this.audio) return;
    this.#seek(second);
    this.#play();
  }

  async #play() {
    say(this.said, "");
    try {
      await this.audio.play();
    } catch (error) {
      if (error.name !== "AbortError") say(this.said, t("call.cannot_play"));
    }
  }

  #seek(second) {
    this.audio.currentTime = second;
    this.#show(second);
  }

  #speed(times) {
    this.audio.defaultPlaybackRate = this.audio.playbackRate = times;
    sessionStorage.setItem("qt.speed", times);
  }

  #state() {
    if (!this.audio) return;
    const plays = !this.audio.paused && !this.audio.ended;
    if (this.shownPlaying === plays) return;
    this.shownPlaying = plays;
    this.button.setAttribute("aria-label", t(plays ? "call.pause" : "call.play"));
    this.button.title = t(plays ? "call.pause" : "call.play");
    fill(this.button, icon(plays ? "pause" : "play"));
  }

  #moved() {
    if (!this.audio) return;
    if (Number.isFinite(this.audio.duration) && this.audio.duration > 0) {
      this.slider.max = this.audio.duration;
      say(this.total, clock(this.audio.duration));
    }
    if (this.audio.readyState > 0) this.#show(this.audio.currentTime);
  }

  #show(second) {
    this.slider.value = second;
    this.slider.setAttribute("aria-valuetext", t("call.at_of", { at: clock(second), total: this.total.textContent }));
    say(this.at, clock(second));
    const now = this.#spokenAt(second);
    if (now === this.now) return;
    this.now = now;
    this.marks(now, Date.now() - this.scrolled() > HANDS_OFF);
  }

  /** The message that is being spoken at this second, or null between two. */
  #spokenAt(second) {
    const before = this.spoken.filter((one) => one.utterance.start <= second + 0.05).at(-1);
    if (!before) return null;
    const { start, end } = before.utterance;
    return second <= (end ?? start + STRETCH) + 0.3 ? before.id : null;
  }

  // who speaks -----------------------------------------------------------------------------------------------

  #voices() {
    const asked = (one) => one.utterance && !one.utterance.superseded && (this.again ? one.sender !== "system" : one.sender === "unknown");
    const unknown = this.conversation.messages.filter(asked);
    const labels = [...new Set(unknown.map((one) => one.utterance.label ?? ""))];
    this.asks.hidden = !unknown.length;
    const sign = JSON.stringify([labels, unknown.length]);
    if (!unknown.length || sign === this.voicesSign) return;
    this.voicesSign = sign;
    const single = labels.length === 1;
    fill(
      this.asks,
      h("h3", {}, icon("alert"), t("call.who_is_it")),
      h("p", { class: "muted" }, t(single ? "call.one_voice" : this.again ? "call.read_anew" : "call.which_voice")),
      single && this.again ? null : single
        ? h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => this.decide({ speakers: { [labels[0]]: "customer" } }) } }, t("call.all_customer")))
        : h("ul", {}, labels.map((label) => this.#voice(label, labels, unknown))),
    );
  }

  #voice(label, labels, unknown) {
    const of = unknown.filter((one) => (one.utterance.label ?? "") === label);
    const longest = [...of].sort((one, other) => other.text.length - one.text.length).slice(0, 2).sort((one, other) => Number(one.id) - Number(other.id));
    const others = Object.fromEntries(labels.filter((one) => one !== label).map((one) => [one, "agent"]));
    return h(
      "li",
      {},
      h("strong", {}, label || t("call.no_name")),
      h("span", { class: "muted" }, t("call.utterances", { n: of.length })),
      longest.map((one) => h("q", { lang: this.conversation.language }, one.text.slice(0, 160))),
      h("button", { type: "button", class: "strong", on: { click: () => this.decide({ speakers: { ...others, [label]: "customer" } }) } }, t("call.this_is_customer")),
    );
  }

  decide(body) {
    return this.#send("speakers", body);
  }

  async #send(what, body) {
    say(this.said, "");
    try {
      await post(`/calls/${encodeURIComponent(this.conversation.id)}/${what}`, body);
      if (body.speakers) this.again = false;
      await this.changed();
    } catch (error) {
      say(this.said, told(error));
    }
  }
}
