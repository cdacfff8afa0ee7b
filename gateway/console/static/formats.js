// Times, dates, sums and sizes as the reader's language writes them, in the institution's zone.

import { language, t } from "./words.js";

const zone = document.documentElement.dataset.zone;
const locale = { "zh-Hans": "zh-Hans-CN", "zh-Hant": "zh-Hant-HK", en: "en-GB" }[language];
const format = (options) => new Intl.DateTimeFormat(locale, { timeZone: zone, hourCycle: "h23", ...options });

const HOUR = format({ hour: "2-digit", minute: "2-digit" });
const MOMENT = format({ month: "short", day: "numeric", hour: "2-digit", minute: "2-digit" });
const WHOLE = format({ dateStyle: "full", timeStyle: "medium" });
const SHORTLY = format({ year: "numeric", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit" });
const DAY = format({ month: "short", day: "numeric", weekday: "short" });
const DAY_YEAR = format({ year: "numeric", month: "short", day: "numeric" });
const ISO = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
const NOON = new Intl.DateTimeFormat(locale, { timeZone: "UTC", month: "short", day: "numeric", weekday: "short" });

export const today = () => ISO.format(new Date());
const dayOf = (iso) => ISO.format(new Date(iso));

/** The hour today, day and hour before. */
export function moment(iso) {
  if (!iso) return "";
  const at = new Date(iso);
  if (dayOf(iso) === today()) return HOUR.format(at);
  return dayOf(iso).slice(0, 4) === today().slice(0, 4) ? MOMENT.format(at) : DAY_YEAR.format(at);
}

export const whole = (iso) => (iso ? WHOLE.format(new Date(iso)) : "");
export const shortly = (iso) => (iso ? SHORTLY.format(new Date(iso)) : "");
export const dayHeading = (iso) => (dayOf(iso) === today() ? t("time.today") : DAY.format(new Date(iso)));
export const sameDay = (one, other) => dayOf(one) === dayOf(other);

const CLOCK = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

/** What the institution's clocks show then, as if it were UTC. */
function shownAt(moment) {
  const part = Object.fromEntries(CLOCK.formatToParts(moment).map(({ type, value }) => [type, value]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute);
}

/** The moment at which the institution's clocks show this: `2026-12-02T09:00`. */
export function atHouse(written) {
  const wanted = Date.parse(`${written}Z`);
  const about = wanted - (shownAt(wanted) - wanted);
  return new Date(about - (shownAt(about) - wanted));
}

/** The institution's day so many days from now, as `2026-12-02`. */
export const dayFrom = (days) => ISO.format(Date.now() + 86_400_000 * days);

/** `2026-12-02`, a day without a zone. */
export const day = (date) => (date ? NOON.format(new Date(`${date}T12:00:00Z`)) : "");

export function daysLeft(date) {
  return Math.round((Date.parse(`${date}T00:00:00Z`) - Date.parse(`${today()}T00:00:00Z`)) / 86_400_000);
}

export function left(date) {
  const days = daysLeft(date);
  if (days === 0) return t("time.due_today");
  if (days === 1) return t("time.day_left");
  if (days > 0) return t("time.days_left", { days });
  return days === -1 ? t("time.day_over") : t("time.days_over", { days: -days });
}

/** How long ago: minutes, hours, days. */
export function since(iso) {
  return between(iso, new Date().toISOString());
}

export function money(amount) {
  if (!amount) return "";
  const [whole, cents] = amount.value.split(".");
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ",");
  return `${amount.currency} ${grouped}${cents ? `.${cents}` : ""}`;
}

/** `1:05`, `1:02:03`: a second of a call. */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, String(whole % 60).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export const percent = (share) => `${Math.round(share * 100)} %`;

export function size(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

const PARTS = new Intl.DateTimeFormat("en-CA", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });

/** A moment as an input of date and time shows it, in the institution's zone: `2026-11-20T14:30`. */
export function local(moment = new Date()) {
  const parts = Object.fromEntries(PARTS.formatToParts(moment).map(({ type, value }) => [type, value]));
  return `${parts.year}-${parts.month}-${parts.day}T${parts.hour}:${parts.minute}`;
}

/** What such an input holds, as a moment. */
export function fromLocal(written) {
  const utc = Date.parse(`${written}Z`);
  const offset = (at) => Date.parse(`${local(new Date(at))}Z`) - at;
  return new Date(utc - offset(utc - offset(utc))).toISOString();
}

/** How long from one moment to another: minutes, hours, days. */
export function between(from, to) {
  const minutes = Math.max(0, Math.floor((Date.parse(to) - Date.parse(from)) / 60_000));
  if (minutes < 60) return t("time.minutes", { n: minutes });
  if (minutes < 48 * 60) return t("time.hours", { h: Math.floor(minutes / 60), m: String(minutes % 60).padStart(2, "0") });
  return t("time.days", { n: Math.floor(minutes / 1440) });
}
