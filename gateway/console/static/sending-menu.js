// A menu that hangs on a button: by keys as menus are, one choice or none.

import { h } from "./dom.js";

/** `items` are [name, words]. Answers the name that was chosen, null for none. */
export function openMenu(button, items, label, note = null) {
  return new Promise((answer) => {
    const nodes = items.map(([name, words]) => h("button", { type: "button", role: "menuitem", tabindex: "-1", "data-name": name, on: { click: () => close(name) } }, words));
    const menu = h("div", { class: "menu", role: "menu", "aria-label": label, on: { keydown: (event) => keyed(event) } }, nodes);
    const box = h("div", { class: "menu-box" }, menu, note ? h("p", { class: "hint" }, note) : null);
    const outside = (event) => !box.contains(event.target) && !button.contains(event.target) && close(null, false);
    const toggled = (event) => {
      event.stopImmediatePropagation();
      close(null);
    };

    function close(chosen, back = true) {
      document.removeEventListener("pointerdown", outside, true);
      button.removeEventListener("click", toggled, true);
      button.setAttribute("aria-expanded", "false");
      box.remove();
      if (back) button.focus();
      answer(chosen);
    }

    function keyed(event) {
      event.stopPropagation(); // a letter is no shortcut here
      const at = nodes.indexOf(document.activeElement);
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: nodes.length - 1 }[event.key];
      if (to !== undefined) {
        event.preventDefault();
        nodes[(to + nodes.length) % nodes.length].focus();
      } else if (event.key === "Escape") {
        event.preventDefault();
        close(null);
      } else if (event.key === "Tab") {
        close(null);
      }
    }

    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside, true);
    button.addEventListener("click", toggled, true);
    button.after(box);
    nodes[0].focus();
  });
}
