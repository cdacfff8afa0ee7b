// What came and is no message, and what was sent beside the conversations: of a case, or of nothing at all.

import { get } from "./api.js";
import { original } from "./attachments.js";
import { fill, h, icon } from "./dom.js";
import { moment, whole } from "./formats.js";
import { t, term } from "./words.js";

const BAD = ["bounced", "failed", "unsure"];

const at = (iso) => h("time", { datetime: iso, title: whole(iso) }, moment(iso));
const list = (rows) => h("ul", { class: "post" }, rows);

function came(one, me) {
  const bad = one.kind === "bounced" && one.proved;
  return h(
    "li",
    {},
    h("p", { class: "meta" }, h("span", { class: bad ? "tag bad" : "tag" }, term("came", one.kind)), h("span", {}, one.address ?? one.sender ?? ""), at(one.at)),
    one.subject ? h("p", { class: "text" }, one.subject) : null,
    one.text ? h("p", { class: "muted" }, one.text) : null,
    h("p", { class: "original" }, one.conversation && !one.case ? h("a", { href: `/console/conversations/${one.conversation}` }, t("case.to_conversation")) : null, one.arrival ? original(`/api/v1/arrivals/${one.arrival}/original`, `${one.arrival}.eml`, [], me, [icon("clip"), t("message.original")]) : null),
  );
}

function notice(one) {
  return h(
    "li",
    {},
    h("p", { class: "meta" }, h("span", { class: BAD.includes(one.state) ? "tag bad" : "tag" }, term("delivery", one.state)), h("span", {}, term("occasion", one.occasion)), h("span", {}, one.address), at(one.sent_at ?? one.created_at)),
    one.error && one.state !== "sent" ? h("p", { class: "muted" }, one.error) : null,
  );
}

class PostRoom extends HTMLElement {
  me = null;

  /** Of this case. Shows nothing where there is nothing. */
  async show(key) {
    this.wanted = key;
    const [events, notices] = await Promise.all([`/events?case=${encodeURIComponent(key)}`, `/cases/${encodeURIComponent(key)}/notices`].map((path) => get(path).catch(() => ({ items: [] }))));
    if (this.wanted !== key) return;
    fill(
      this,
      notices.items.length ? [h("h3", {}, t("postroom.notices")), list(notices.items.map(notice))] : null,
      events.items.length ? [h("h3", {}, t("postroom.of_case")), list(events.items.map((one) => came(one, this.me)))] : null,
    );
  }

  /** What belongs to nothing: page by page. */
  async others(cursor = null) {
    const { items, next_cursor: next } = await get(`/events${cursor ? `?cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (!cursor) fill(this, h("h3", {}, t("postroom.others")), h("p", { class: "muted" }, items.length ? t("postroom.about") : t("postroom.none")));
    this.append(list(items.map((one) => came(one, this.me))));
    if (next) {
      const more = h("button", { type: "button", on: { click: () => (more.remove(), this.others(next)) } }, t("postroom.more"));
      this.append(more);
    }
  }
}

customElements.define("qt-postroom", PostRoom);
