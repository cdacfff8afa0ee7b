// A calm word at the page's foot about what has just been done, with the way back. It covers nothing, and waits for whoever reads or stands in it.

import { fill, h, icon } from "./dom.js";
import { bind } from "./keys.js";
import { t } from "./words.js";

const STAYS = 12_000; // that long unheeded, and it goes
const LOOK = 500;

let shown = null;

/** Shows `words` in place of what was shown before; `undo` is what the button and its key do. */
export function toast(words, undo = null) {
  const stood = shown?.node.contains(document.activeElement);
  shown?.close();
  const region = document.querySelector(".toasts") ?? document.querySelector("qt-console").appendChild(h("div", { class: "toasts", role: "status" }));
  const back = undo && h("button", { type: "button", class: "strong", on: { click: () => act() } }, t("bulk.undo"), h("kbd", { "aria-hidden": "true" }, "z"));
  const shut = h("button", { type: "button", class: "quiet", "aria-label": t("close"), title: t("close"), on: { click: () => leave() } }, icon("close"));
  const node = h("div", { class: "toast" }, h("p", {}, words), back, shut);
  const letGo = undo ? bind({ z: () => act() }) : () => {};
  let unheeded = 0;
  const close = () => {
    clearInterval(ticking);
    letGo();
    node.remove();
    if (shown?.node === node) shown = null;
  };
  const leave = () => {
    const inside = node.contains(document.activeElement);
    close();
    if (inside) document.querySelector("#main")?.focus({ preventScroll: true });
  };
  const act = () => {
    letGo();
    back.disabled = true;
    undo();
  };
  const ticking = setInterval(() => {
    const heeded = node.matches(":hover") || node.contains(document.activeElement) || document.hidden;
    unheeded = heeded ? 0 : unheeded + LOOK;
    if (unheeded >= STAYS || !node.isConnected) close();
  }, LOOK);
  shown = { node, close };
  requestAnimationFrame(() => {
    // a region is heard when something comes into it, not when it comes with it
    fill(region, node);
    if (stood) (back ?? shut).focus({ preventScroll: true });
  });
}

/** What became of a conversation, or of a case, that its agent has left meanwhile. Told to nobody who has signed out. */
export function tellAfar({ customer, reference }, words) {
  if (document.querySelector("qt-console .bar")) toast(`${customer || reference || t("conversation.nameless")}: ${words}`);
}
