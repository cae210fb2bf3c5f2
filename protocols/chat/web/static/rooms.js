// Which room to join: typed, or taken from the list.

import { byId, count, make } from "/dom.js";
import { isRoom } from "/irc.js";
import { plainOf } from "/text.js";

const SHOWN = 50;

export class RoomDialog {
  #dialog = byId("asking");
  #name = byId("asked-room");
  #list = byId("known-rooms");

  constructor(page) {
    this.page = page;
    this.#dialog.addEventListener("close", () => this.#closed());
  }

  show() {
    this.#name.value = "";
    this.#list.replaceChildren();
    this.#dialog.returnValue = "";
    this.#dialog.showModal();
    this.#name.focus();
    this.#fill();
  }

  async #fill() {
    const lines = await this.page.session.ask("LIST").catch(() => []);
    const rooms = lines
      .filter((line) => line.command === "322")
      .map(({ params: [, name, people, topic = ""] }) => ({ name, people: Number(people), topic }))
      .sort((one, other) => other.people - one.people);
    this.#list.replaceChildren(...rooms.slice(0, SHOWN).map((room) => this.#item(room)));
  }

  #item({ name, people, topic }) {
    const button = make(
      "button", { type: "button", className: "known" },
      make("strong", {}, name),
      make("small", {}, count(people, "member", "members")),
      topic ? make("span", {}, plainOf(topic)) : null,
    );
    button.addEventListener("click", () => {
      this.#name.value = name;
      this.#dialog.close("join");
    });
    return make("li", {}, button);
  }

  #closed() {
    const name = this.#name.value.trim();
    if (this.#dialog.returnValue !== "join" || !name) return;
    this.page.join(isRoom(name) ? name : `#${name}`);
    this.page.composer.focus();
  }
}
