// Elements without markup: text never becomes HTML here, so nothing a customer writes can.

const SVG = "http://www.w3.org/2000/svg";

/** h("p", {class: "note", on: {click}}, "text", child, null): an element. Null and false children are left out. */
export function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) set(node, name, value);
  node.append(...flat(children));
  return node;
}

function set(node, name, value) {
  if (name === "on") {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (name === "value" || name === "checked" || name === "disabled" || name === "hidden") {
    node[name] = value;
  } else if (value === true) {
    node.setAttribute(name, "");
  } else if (value !== null && value !== undefined && value !== false) {
    node.setAttribute(name, value);
  }
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

export function fill(node, ...children) {
  node.replaceChildren(...flat(children));
  return node;
}

/** Text that changes only when it is another: no selection lost, nothing announced twice. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

const LONGEST_PRESS = 10_000; // a release that the page was never told of, as under a menu of the system's, holds nothing up for longer
let pressed = null; // what the pointer is pressed on
let longest = null;
const waiting = new Map(); // what is drawn once it is let go

addEventListener("pointerdown", press, true);
for (const end of ["pointerup", "pointercancel", "contextmenu"]) addEventListener(end, () => setTimeout(letGo), true); // after the click

function press({ target, button }) {
  if (button !== 0) return;
  pressed = target;
  clearTimeout(longest);
  longest = setTimeout(letGo, LONGEST_PRESS);
}

function letGo() {
  clearTimeout(longest);
  pressed = null;
  const drawn = [...waiting.values()];
  waiting.clear();
  drawn.forEach((draw) => draw());
}

/** Draws something in a node: at once, or when what is pressed there is let go. A button that is made anew under the pointer swallows the click. */
export function unpressed(node, draw) {
  if (pressed !== null && node.contains(pressed)) {
    waiting.set(node, draw);
  } else {
    waiting.delete(node);
    draw();
  }
}

/**
 * Keeps one child for each item, in order. A child is made once and made anew only when its item's signature changes. Whoever
 * writes or stands in one goes on there, whatever comes, goes or moves around it: a node that is moved would lose the focus.
 */
export function keyed(container, items, how) {
  unpressed(container, () => arrange(container, items, how));
}

function arrange(container, items, { key, signature, make }) {
  const known = container.qtKnown ?? (container.qtKnown = new Map());
  const wanted = new Set(items.map(key));
  for (const [id, entry] of known) {
    if (!wanted.has(id)) {
      entry.node.remove();
      known.delete(id);
    }
  }
  const nodes = items.map((item) => {
    const id = key(item);
    const sign = signature(item);
    const before = known.get(id);
    if (before?.sign === sign) return before.node;
    const node = make(item);
    if (before) replace(before.node, node);
    known.set(id, { node, sign });
    return node;
  });
  const held = Math.max(0, nodes.findIndex((node) => node.contains(document.activeElement)));
  if (nodes.length && nodes[held].parentNode !== container) container.prepend(nodes[held]);
  for (let at = held - 1; at >= 0; at -= 1) if (nodes[at].nextElementSibling !== nodes[at + 1]) nodes[at + 1].before(nodes[at]);
  for (let at = held + 1; at < nodes.length; at += 1) if (nodes[at].previousElementSibling !== nodes[at - 1]) nodes[at - 1].after(nodes[at]);
}

const STOPS = "a, button, input, select, textarea, summary";

/** Puts a node in another's place; the focus goes to what stands there for what had it, the cursor where it was. */
function replace(old, node) {
  const active = document.activeElement;
  const focused = old.contains(active);
  const at = focused ? [...old.querySelectorAll(active.tagName)].indexOf(active) : -1;
  const cursor = focused && active.matches("textarea") ? [active.selectionStart, active.selectionEnd] : null;
  old.replaceWith(node);
  if (!focused) return;
  const same = at < 0 ? null : node.querySelectorAll(active.tagName)[at];
  const now = active === old || node.matches("a, button") ? node : (same ?? node.querySelector("a, button"));
  now?.focus({ preventScroll: true });
  if (cursor && same) same.setSelectionRange(...cursor);
}

const PATHS = {
  webchat: "M4 5h16v11H9l-5 4z",
  webform: "M6 3h12v18H6zM9 8h6M9 12h6M9 16h3",
  email: "M3 6h18v12H3zM3 7l9 7 9-7",
  telegram: "M21 4 3 11l6 2 2 7 4-5 4 3zM9 13l8-6",
  phone: "M6 3h4l2 5-3 2a11 11 0 0 0 5 5l2-3 5 2v4c0 2-2 3-4 2C10 19 5 14 4 7c0-2 0-4 2-4z",
  letter: "M4 9l8-6 8 6v11H4zM4 9l8 6 8-6",
  counter: "M4 20V9l8-5 8 5v11M2 20h20M9 20v-6h6v6",
  alert: "M12 3 2 20h20zM12 10v4M12 17v.5",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5l3 3",
  edit: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  back: "M15 5l-7 7 7 7",
  clip: "M8 12l6-6a3 3 0 0 1 5 5l-8 8a5 5 0 0 1-7-7l7-7",
  check: "M4 12l5 6L20 6",
  twice: "M2 12l5 6L16 6M12 18l10-12",
  close: "M6 6l12 12M18 6L6 18",
  panel: "M4 5h16v14H4zM14 5v14",
  play: "M8 5l11 7-11 7z",
  pause: "M9 5v14M15 5v14",
  back5: "M11 6 4 12l7 6zM20 6l-7 6 7 6z",
  forward5: "M4 6l7 6-7 6zM13 6l7 6-7 6z",
  camera: "M4 8h4l2-3h4l2 3h4v11H4zM12 10a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
  bell: "M6 16V10a6 6 0 0 1 12 0v6l2 2H4zM10 20.5h4",
  eye: "M2 12s4-7 10-7 10 7 10 7-4 7-10 7-10-7-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  more: "M6 14.5l6-6 6 6",
  reply: "M4 5h16v11H9l-5 4zM8 9h8M8 12h5",
  search: "M10.5 4a6.5 6.5 0 1 0 0 13 6.5 6.5 0 0 0 0-13zM15.5 15.5 20 20",
};

export function icon(name, label = null) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  if (label) {
    svg.setAttribute("role", "img");
    svg.setAttribute("aria-label", label);
  } else {
    svg.setAttribute("aria-hidden", "true");
  }
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name] ?? PATHS.webform);
  svg.append(path);
  return svg;
}

/** Shows a dialog. Resolves when it is closed, and gone. */
export function opened(dialog) {
  const opener = document.activeElement;
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((closed) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      // what opened it may have been made anew meanwhile
      if (opener?.dataset.act && !opener.isConnected && nothingHasFocus()) document.querySelector(`[data-act="${opener.dataset.act}"]`)?.focus();
      closed();
    });
  });
}

/** A question with two answers. True when the first was chosen. */
export function confirmed(question, yes, no) {
  return new Promise((answer) => {
    const dialog = h(
      "dialog",
      { class: "small", "aria-label": question },
      h("p", {}, question),
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", on: { click: () => dialog.close("no") } }, no),
        h("button", { type: "button", class: "strong", on: { click: () => dialog.close("yes") } }, yes),
      ),
    );
    opened(dialog).then(() => answer(dialog.returnValue === "yes"));
  });
}

/** Tells something that has to be seen before going on. */
export function noticed(words, close) {
  return new Promise((answer) => {
    const dialog = h("dialog", { class: "small", "aria-label": words }, h("p", {}, words), h("div", { class: "row end" }, h("button", { type: "button", class: "strong", on: { click: () => dialog.close() } }, close)));
    opened(dialog).then(() => answer());
  });
}

/** Whether the focus may be set without taking it from anything: whoever waited for an answer may be writing elsewhere by now. */
export const nothingHasFocus = () => document.activeElement === document.body;
