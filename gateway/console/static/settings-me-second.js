// The second factor of one's own account: set up with a picture and a code, recovery codes shown once, given up.

import { get, post, Problem } from "./api.js";
import { fill, h, say } from "./dom.js";
import { day, whole } from "./formats.js";
import { told } from "./problems.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const PLACE = "/agents/me/second-factor";

export class Second {
  /** `needed`: nothing else can be done before it is set up. */
  constructor(needed) {
    this.needed = needed;
    this.room = h("div", { class: "factor" });
    this.node = h("section", { "aria-labelledby": "second-title" }, h("h3", { id: "second-title" }, t("settings_me.second")), this.room);
    this.load();
  }

  async load() {
    try {
      this.known = await get(PLACE);
      fill(this.room, this.known.on ? this.#on() : this.#off());
    } catch (error) {
      fill(this.room, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }

  #off() {
    const { reset_by: by, reset_at: at, wanted, needed_from: from } = this.known;
    return [
      by ? h("p", { class: "note" }, t("settings_me.was_reset", { name: by.replace(/^\w+:/, ""), time: whole(at) })) : null,
      wanted && from ? h("p", { class: "note" }, t("settings_me.needed_from", { day: day(from) })) : null,
      h("p", { class: "hint" }, t("settings_me.second_what")),
      this.#asks("begin", ["password"], async (shown) => this.#begun(await post(PLACE, shown))),
    ];
  }

  #on() {
    const { since, recovery_codes_left: left, wanted, needed_from: from } = this.known;
    const more = (name, work) => h("details", {}, h("summary", {}, t(`settings_me.${name}`)), this.#asks(name, ["password", "code"], work));
    return [
      h("p", { class: "good" }, t("settings_me.second_on", { time: whole(since) })),
      h("p", { class: left < 3 ? "note" : "hint" }, t("settings_me.codes_left", { n: left })),
      more("renew", async (shown) => this.#codes((await post(`${PLACE}/recovery-codes`, shown)).recovery_codes)),
      more("another", async (shown) => this.#begun(await post(PLACE, shown))),
      wanted && !from ? null : more("off", async (shown) => (await post(`${PLACE}/off`, shown), this.load())),
    ];
  }

  /** A form that asks for what proves its agent. */
  #asks(name, fields, work) {
    const inputs = fields.map((field) => {
      const id = `second-${name}-${field}`;
      const input = field === "password" ? h("input", { id, type: "password", autocomplete: "current-password", required: true }) : h("input", { id, autocomplete: "one-time-code", required: true, maxlength: 40, spellcheck: "false", autocapitalize: "none" });
      return { field, input, node: h("div", {}, h("label", { for: id }, t(`settings_me.${field === "password" ? "own_password" : "code"}`)), input) };
    });
    const said = h("p", { class: "said", role: "alert" });
    const button = h("button", { type: "submit", class: name === "off" ? "" : "strong" }, t(`settings_me.${name}_do`));
    const submit = async (event) => {
      event.preventDefault();
      say(said, "");
      button.disabled = true;
      try {
        await work(Object.fromEntries(inputs.map(({ field, input }) => [field, input.value])));
      } catch (error) {
        say(said, sentence(error));
      } finally {
        button.disabled = false;
      }
    };
    return h("form", { class: "narrow", on: { submit } }, inputs.map(({ node }) => node), said, h("div", {}, button));
  }

  #begun({ secret, qr }) {
    const title = h("p", { tabindex: "-1" }, t("settings_me.scan"));
    fill(
      this.room,
      title,
      picture(qr),
      h("p", { class: "hint" }, t("settings_me.by_hand")),
      h("p", {}, h("code", { class: "secret" }, secret.match(/.{1,4}/g).join(" "))),
      this.#asks("confirm", ["code"], async ({ code }) => this.#codes((await post(`${PLACE}/confirm`, { code })).recovery_codes)),
    );
    title.focus();
  }

  #codes(codes) {
    const title = h("p", { tabindex: "-1", class: "note" }, t("settings_me.codes"));
    const copied = h("span", { role: "status", class: "muted" });
    const copy = async () => {
      const done = await navigator.clipboard?.writeText(codes.join("\n")).then(() => true, () => false);
      say(copied, done ? t("settings_me.copied") : "");
    };
    const kept = () => (this.needed ? location.reload() : this.load());
    fill(
      this.room,
      title,
      h("ol", { class: "recovery" }, codes.map((code) => h("li", {}, h("code", {}, code)))),
      h("div", { class: "row start" }, h("button", { type: "button", on: { click: copy } }, t("settings_me.copy")), h("button", { type: "button", class: "strong", on: { click: kept } }, t("settings_me.kept")), copied),
    );
    title.focus();
  }
}

function sentence(error) {
  if (error instanceof Problem && error.code === "wrong_credentials") return t("settings_me.wrong");
  if (error instanceof Problem && error.code === "wrong_code") return t("settings_me.wrong_code");
  return told(error);
}

/** Black on white in dark rooms too: cameras read nothing else. */
function picture({ size, path }) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("class", "qr");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", t("settings_me.qr"));
  const squares = document.createElementNS(SVG, "path");
  squares.setAttribute("d", path);
  svg.append(squares);
  return svg;
}
