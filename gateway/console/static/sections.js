// A place that is made of sections: their names at its side, one of them shown, its module and its words fetched when it is opened.
//
// A section that is named ["x", "admin", …] in place "p" is the module `p-x.js`, which defines the element `qt-p-x`; its words are the
// room `p-x`, its title there `p_x.title`; a stylesheet of its own is fetched by `sheet("p-x.css")`.

import { fill, h } from "./dom.js";
import { told } from "./problems.js";
import { room, t } from "./words.js";

const SHEETS = new Set();

/** A stylesheet that most agents never need. One that did not come is asked for again when its place is opened again. */
export function sheet(name) {
  if (SHEETS.has(name)) return;
  SHEETS.add(name);
  const lost = () => {
    SHEETS.delete(name);
    link.remove();
  };
  const link = h("link", { rel: "stylesheet", href: new URL(`./${name}`, import.meta.url).pathname, on: { error: lost } });
  document.head.append(link);
}

/** Defines the element of a place. `sections`: [name, ...scopes of which one is needed; none: everybody]. */
export function place(of, sections, load) {
  customElements.define(`qt-${of}`, class extends Sections {
    of = of;
    all = sections;
    fetch = load;
  });
}

class Sections extends HTMLElement {
  connectedCallback() {
    sheet("sections.css");
    this.mine = this.all.filter(([, ...scopes]) => !scopes.length || scopes.some((scope) => this.me.scopes.includes(scope)));
    this.list = h("nav", { class: "sections", "aria-label": t(`places.${this.of}`) });
    this.room = h("section", { class: "section", tabindex: "-1" });
    fill(this, this.list, this.room);
    this.#name();
  }

  async #name() {
    await Promise.all(this.mine.map(([name]) => room(`${this.of}-${name}`)));
    fill(this.list, this.mine.map(([name]) => h("a", { href: `/console/${this.of}/${name}`, "data-section": name }, t(`${this.of}_${name}.title`))));
    this.#mark();
  }

  #mark() {
    for (const link of this.list.children) {
      if (link.dataset.section === this.shown) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  /** The section of this name, or the first that this agent may see. */
  async show(name) {
    const [found] = this.mine.find(([one]) => one === name) ?? this.mine[0] ?? [null];
    if (found === null) return;
    if (found === this.shown) {
      this.room.firstElementChild?.seen?.(); // its address goes on behind its name
      return;
    }
    this.shown = found;
    this.#mark();
    fill(this.room, h("p", { class: "empty" }, t("loading")));
    try {
      await Promise.all([this.fetch(found), room(`${this.of}-${found}`)]);
      if (this.shown !== found || !this.isConnected) return;
      const { live, me, board, agents } = this;
      fill(this.room, Object.assign(document.createElement(`qt-${this.of}-${found}`), { live, me, board, agents }));
    } catch (error) {
      if (this.shown !== found) return;
      this.shown = null; // opened again, it is tried again
      if (this.isConnected) fill(this.room, h("p", { class: "empty", role: "alert" }, told(error)));
    }
  }
}
