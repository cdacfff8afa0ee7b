// What somebody sees who has to do something about their account before anything else: that, and the way out.

import { fill, h } from "./dom.js";
import { sheet } from "./sections.js";
import { room, t } from "./words.js";

export async function held(place, me, out) {
  sheet("sections.css");
  await Promise.all([import("./settings-me.js"), room("settings-me")]);
  const account = Object.assign(document.createElement("qt-settings-me"), { me });
  const title = h("h1", { tabindex: "-1" }, t("settings_me.held_title"));
  fill(
    place,
    h("main", { class: "held" }, title, h("p", { class: "note" }, t(`settings_me.held_${me.held}`)), account, h("div", {}, h("button", { type: "button", class: "quiet", on: { click: out } }, t("sign_out")))),
  );
  title.focus();
}
