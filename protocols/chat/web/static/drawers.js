// The rooms and the members: beside the log, or drawers where there is no room.

import { byId } from "/dom.js";

const NARROW = matchMedia("(max-width: 1000px)");
const NAMES = ["side", "members"];

export class Drawers {
  constructor(settings) {
    this.settings = settings;
    byId("show-side").addEventListener("click", () => this.toggle("side"));
    byId("show-members").addEventListener("click", () => this.toggleMembers());
    byId("shade").addEventListener("click", () => this.close());
    NARROW.addEventListener("change", () => this.close());
    settings.addEventListener("changed", () => this.#say());
    this.#say();
  }

  get isOpen() {
    return NAMES.some((name) => this.#has(name));
  }

  #has(name) {
    return document.body.classList.contains(`${name}-open`);
  }

  showMembers() {
    if (!NARROW.matches) this.settings.set("hasMembers", true);
    else if (!this.#has("members")) this.toggle("members");
  }

  toggleMembers() {
    if (NARROW.matches) this.toggle("members");
    else this.settings.set("hasMembers", !this.settings.get("hasMembers"));
  }

  // One at a time; what is behind it is out of reach until it is closed.
  toggle(wanted) {
    for (const name of NAMES) {
      const isOpen = name === wanted && !this.#has(name);
      document.body.classList.toggle(`${name}-open`, isOpen);
      if (isOpen) byId(name).querySelector("li [tabindex='0']")?.focus();
    }
    byId("shade").hidden = !this.isOpen;
    byId("middle").inert = this.isOpen;
    this.#say();
  }

  close() {
    this.toggle(null);
  }

  #say() {
    byId("show-side").setAttribute("aria-expanded", String(this.#has("side")));
    const areMembersShown = NARROW.matches ? this.#has("members") : this.settings.get("hasMembers");
    byId("show-members").setAttribute("aria-expanded", String(areMembersShown));
  }
}
