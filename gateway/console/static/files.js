// Files to be handed in: dropped, chosen or photographed; listed by name and size before they are sent.

import { fill, h, icon } from "./dom.js";
import { size } from "./formats.js";
import { t } from "./words.js";

const MOST = 20;

export class FilePicker {
  /** `name` is the part of the form that the files are sent as. */
  constructor({ name = "file", label }) {
    this.name = name;
    this.most = Number(document.documentElement.dataset.largest); // bytes of all together
    this.files = [];
    const id = `files-${name}-${crypto.randomUUID()}`;
    this.input = h("input", { type: "file", id, multiple: true, class: "hidden-input", on: { change: () => this.#take(this.input) } });
    this.camera = h("input", { type: "file", accept: "image/*", capture: "environment", class: "hidden-input", tabindex: "-1", "aria-hidden": "true", on: { change: () => this.#take(this.camera) } });
    this.list = h("ul", { class: "chosen" });
    this.said = h("p", { class: "said", role: "alert" });
    this.node = h(
      "div",
      { class: "drop", on: { dragover: (event) => this.#over(event), dragleave: () => this.node.classList.remove("over"), drop: (event) => this.#dropped(event) } },
      h("label", { for: id }, label),
      h(
        "div",
        { class: "row start" },
        h("span", { class: "muted only-wide" }, t("enter.drop")),
        h("button", { type: "button", on: { click: () => this.input.click() } }, icon("clip"), t("enter.choose")),
        h("button", { type: "button", class: "only-touch", on: { click: () => this.camera.click() } }, icon("camera"), t("enter.camera")),
      ),
      this.input,
      this.camera,
      this.list,
      this.said,
    );
  }

  #over(event) {
    event.preventDefault();
    this.node.classList.add("over");
  }

  #dropped(event) {
    event.preventDefault();
    this.node.classList.remove("over");
    this.add([...event.dataTransfer.files]);
  }

  #take(input) {
    this.add([...input.files]);
    input.value = "";
  }

  add(files) {
    this.files = [...this.files, ...files];
    this.#render();
  }

  get fits() {
    return !this.#wrong;
  }

  get #wrong() {
    if (this.files.length > MOST) return t("enter.too_many", { n: MOST });
    const sum = this.files.reduce((before, file) => before + file.size, 0);
    return sum > this.most ? t("enter.too_large", { size: size(this.most) }) : "";
  }

  #render() {
    fill(
      this.list,
      this.files.map((file) => {
        const drop = h("button", { type: "button", class: "quiet", "aria-label": t("enter.remove", { name: file.name }), on: { click: () => this.#remove(file) } }, icon("close"));
        return h("li", {}, icon("clip"), h("span", { class: "name" }, file.name), h("span", { class: "muted" }, size(file.size)), drop);
      }),
    );
    this.said.textContent = this.#wrong;
  }

  #remove(file) {
    this.files = this.files.filter((one) => one !== file);
    this.#render();
    this.input.focus();
  }

  into(form) {
    for (const file of this.files) form.append(this.name, file, file.name);
  }
}
