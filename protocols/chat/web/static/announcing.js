// What a screen reader says of new words: each where there are few, else how many.
// A lively room would never let anybody else speak if all of it were read.

import { byId, count } from "/dom.js";
import { plainOf } from "/text.js";

const FEW = 3;
const LONGEST = 300;
// Milliseconds between two announcements.
const APART = 1500;

export class Announcer {
  #region = byId("announcer");
  #waiting = [];
  #timer = 0;

  constructor(model) {
    this.model = model;
    model.addEventListener("log", ({ detail }) => {
      if (detail.change === "end" && detail.talk === model.active) this.#heard(detail.message);
    });
    model.addEventListener("counted", ({ detail: { talk, message } }) => {
      if (talk !== model.active && (message.isMention || !talk.isRoom)) {
        this.#heard(message, talk.isRoom ? ` in ${talk.name}` : " to you");
      }
    });
    model.addEventListener("active", () => (this.#waiting = []));
  }

  #heard(message, where = "") {
    if (message.isMine || message.kind === "event") return;
    this.#waiting.push({ message, where });
    this.#timer ||= setTimeout(() => this.#tell(), this.#region.textContent ? APART : 400);
  }

  #tell() {
    this.#timer = 0;
    const heard = this.#waiting;
    this.#waiting = [];
    const few = heard.length <= FEW ? heard : heard.filter(({ message }) => message.isMention).slice(-FEW);
    const words = few.map(({ message, where }) => {
      const text = plainOf(message.text).slice(0, LONGEST);
      return message.kind === "action" ? `${message.nick} ${text}` : `${message.nick}${where}: ${text}`;
    });
    if (heard.length > FEW) words.unshift(count(heard.length, "new message", "new messages"));
    this.#region.textContent = words.join("\n");
  }
}
