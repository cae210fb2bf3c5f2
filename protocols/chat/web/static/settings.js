// What the user likes, kept in this browser: colours, size, notifications.

import { byId } from "/dom.js";
import { keep, kept } from "/keeping.js";

const DEFAULTS = {
  theme: "auto", size: "medium", notify: "off", hasEvents: true, hasMembers: true,
};

export class Settings extends EventTarget {
  #dialog = byId("settings");
  #values = { ...DEFAULTS, ...kept("settings", {}) };

  constructor() {
    super();
    for (const field of this.#fields) {
      field.addEventListener("change", () => this.#changed(field));
    }
    this.#apply();
  }

  get #fields() {
    return this.#dialog.querySelectorAll("[name]");
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    this.#values[name] = value;
    keep("settings", this.#values);
    this.#apply();
    this.dispatchEvent(new CustomEvent("changed", { detail: name }));
  }

  show() {
    for (const field of this.#fields) {
      const value = this.get(field.name);
      if (field.type === "checkbox") field.checked = value;
      else field.value = value;
    }
    this.#note();
    this.#dialog.showModal();
  }

  async #changed(field) {
    this.set(field.name, field.type === "checkbox" ? field.checked : field.value);
    if (field.name !== "notify") return;
    if (field.value !== "off" && window.Notification?.permission === "default") {
      await Notification.requestPermission();
    }
    this.#note();
  }

  // A browser may forbid what was chosen here.
  #note() {
    const isWanted = this.get("notify") !== "off";
    const permission = window.Notification?.permission ?? "denied";
    byId("notify-note").hidden = !isWanted || permission === "granted";
  }

  #apply() {
    const { dataset, classList } = document.documentElement;
    dataset.theme = this.get("theme");
    dataset.size = this.get("size");
    classList.toggle("without-events", !this.get("hasEvents"));
    classList.toggle("without-members", !this.get("hasMembers"));
  }
}
