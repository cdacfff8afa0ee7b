// Bars over the parts of a period, as SVG made here: told apart by pattern and not by colour alone, so that they print in black and white.
//
// Each has a name for whoever can't see it, and its numbers in a table one click away.

import { fill, h } from "./dom.js";
import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const [HEIGHT, TOP, BOTTOM, LEFT] = [220, 18, 26, 34];
const NARROWEST = 300;
const ROOM = 52; // as wide as the name of a part may be
const FONT = 11;
let made = 0;

function s(tag, attributes = {}, ...children) {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children.flat(Infinity).filter(Boolean));
  return node;
}

/** Solid, hatched, dotted, crossed. */
const MARKS = [[], [["path", { d: "M0 6L6 0M-1 1L1 -1M5 7L7 5" }]], [["circle", { cx: 2, cy: 2, r: 1.1 }]], [["path", { d: "M0 0L6 6M0 6L6 0" }]]];

function patterns(id) {
  return s("defs", {}, MARKS.map((marks, at) => s("pattern", { id: `${id}-${at}`, width: 6, height: 6, patternUnits: "userSpaceOnUse" }, s("rect", { width: 6, height: 6, class: `ground s${at}` }), marks.map(([tag, shape]) => s(tag, { ...shape, class: `mark ${tag}` })))));
}

/** A round number of steps up to at least `most`. */
function steps(most) {
  const raw = Math.max(1, most) / 4;
  const size = 10 ** Math.floor(Math.log10(raw));
  const step = Math.max(1, [1, 2, 5, 10].map((one) => one * size).find((one) => one >= raw));
  const count = Math.max(1, Math.ceil(most / step));
  return Array.from({ length: count + 1 }, (_, at) => at * step);
}

/** `labels`: of the parts; `series`: {name, values}, four at most; `stacked`: one upon another, else side by side. */
export function chart({ title, told, labels, series, stacked }) {
  const id = `chart-${(made += 1)}`;
  const box = h("div", { class: "plot" });
  const swatch = (at) => s("svg", { class: "swatch", viewBox: "0 0 14 14", "aria-hidden": "true" }, s("rect", { width: 14, height: 14, fill: `url(#${id}-${at})`, class: "block" }));
  const legend = h("ul", { class: "legend" }, series.map(({ name }, at) => h("li", {}, swatch(at), name)));
  const table = h(
    "table",
    {},
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("supervise_figures.period")), series.map(({ name }) => h("th", { scope: "col", class: "n" }, name)))),
    h("tbody", {}, labels.map((label, at) => h("tr", {}, h("th", { scope: "row" }, label.whole), series.map(({ values }) => h("td", { class: "n" }, String(values[at])))))),
  );
  const figure = h("figure", {}, h("figcaption", {}, title), legend, box, h("details", {}, h("summary", {}, t("supervise_figures.numbers")), h("div", { class: "wide", tabindex: "0", role: "region", "aria-label": title }, table)));
  const draw = () => fill(box, plot({ id, told, labels, series, stacked, width: Math.max(NARROWEST, box.clientWidth) }));
  new ResizeObserver(draw).observe(box); // goes with the box
  return figure;
}

function plot({ id, told, labels, series, stacked, width }) {
  const sums = labels.map((_, at) => (stacked ? series.reduce((sum, { values }) => sum + values[at], 0) : Math.max(...series.map(({ values }) => values[at]))));
  const ticks = steps(Math.max(...sums));
  const high = ticks.at(-1);
  const y = (value) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / high);
  const place = (width - LEFT - 4) / labels.length;
  const bar = Math.min(64, place * 0.72);
  const every = Math.ceil(ROOM / place);
  const lines = ticks.map((tick) => [s("path", { d: `M${LEFT} ${y(tick)}H${width}`, class: "line" }), text(LEFT - 6, y(tick) + 4, tick, "end")]);
  const bars = labels.map((label, at) => {
    const left = LEFT + place * at + (place - bar) / 2;
    const named = at % every === 0 ? text(left + bar / 2, HEIGHT - 8, label.short, "middle") : null;
    return [named, stacked ? stack(id, series, at, left, bar, y) : beside(id, series, at, left, bar, y)];
  });
  return s("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": told }, patterns(id), lines, bars);
}

function stack(id, series, at, left, width, y) {
  let from = 0;
  const drawn = series.map(({ values }, which) => {
    const [low, high] = [y(from), y(from + values[at])];
    from += values[at];
    if (!values[at]) return null;
    const tall = low - high >= 14 && width >= 18;
    return [rect(id, which, left, high, width, low - high), tall ? label(left + width / 2, (low + high) / 2 + 4, values[at]) : null];
  });
  return [drawn, from ? text(left + width / 2, y(from) - 5, from, "middle", "sum") : null];
}

function beside(id, series, at, left, width, y) {
  const each = width / series.length;
  return series.map(({ values }, which) => [
    values[at] ? rect(id, which, left + each * which, y(values[at]), each - 1, y(0) - y(values[at])) : null,
    values[at] && each >= 14 ? text(left + each * (which + 0.5), y(values[at]) - 5, values[at], "middle", "sum") : null,
  ]);
}

const rect = (id, which, x, y, width, height) => s("rect", { x, y, width: Math.max(1, width), height: Math.max(1, height), fill: `url(#${id}-${which})`, class: "block" });

function text(x, y, words, anchor, kind = "") {
  return s("text", { x, y, "text-anchor": anchor, "font-size": FONT, class: kind }, String(words));
}

/** A number on a bar, with ground around it so that no pattern runs through it. */
function label(x, y, words) {
  const wide = String(words).length * 7 + 6;
  return [s("rect", { x: x - wide / 2, y: y - 11, width: wide, height: 14, rx: 3, class: "plate" }), text(x, y, words, "middle", "on")];
}
