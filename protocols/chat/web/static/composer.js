// Where one types: growing, with what was typed before, and names completed.

import { byId, make } from "/dom.js";
import { COMMANDS } from "/commands.js";
import { octets, pieces } from "/irc.js";
import { LONGEST } from "/talking.js";

const REMEMBERED = 50;
const SHOWN_CHOICES = 8;
// Messages that are sent at once; of more, the server would make us wait.
const MOST_MESSAGES = 20;
// Octets that are left when it begins to be said how many.
const NEARLY = 60;

export class Composer {
  #words = byId("words");
  #choices = byId("choices");
  #length = byId("length");
  #typed = [];
  #place = 0;
  #completing = null;

  constructor(model, onSay) {
    this.model = model;
    this.onSay = onSay;
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#words.addEventListener("keydown", (event) => this.#key(event));
    this.#words.addEventListener("input", () => {
      this.#completing = null;
      this.#grow();
      this.#hint();
    });
    this.#words.addEventListener("blur", () => this.#showChoices([]));
    model.addEventListener("active", ({ detail }) => this.#show(detail.talk));
  }

  focus() {
    this.#words.focus();
  }

  #show(talk) {
    if (this.talk) this.talk.draft = this.#words.value;
    this.talk = talk;
    this.#set(talk?.draft ?? "");
    const where = talk ? `Message ${talk.name}` : "Type /join #room";
    this.#words.placeholder = where;
    this.#words.setAttribute("aria-label", where);
  }

  #send() {
    const text = this.#words.value;
    if (!text.trim() || this.#messages > MOST_MESSAGES) return;
    this.#typed = [...this.#typed.filter((each) => each !== text), text].slice(-REMEMBERED);
    this.#place = this.#typed.length;
    this.#set("");
    this.onSay(text);
  }

  #set(text) {
    this.#words.value = text;
    this.#words.setSelectionRange(text.length, text.length);
    this.#completing = null;
    this.#grow();
    this.#showChoices([]);
  }

  // How many messages it is.
  get #messages() {
    const lines = this.#words.value.split(/\r?\n/);
    return lines.reduce((sum, line) => sum + pieces(line, LONGEST).length, 0);
  }

  // Said near the end of a message, and behind it.
  #measure() {
    const left = LONGEST - octets(this.#words.value);
    const { value } = this.#words;
    const messages = left < NEARLY || value.includes("\n") ? this.#messages : 1;
    const isTooLong = messages > MOST_MESSAGES;
    const words = isTooLong
      ? `Too long: ${messages} messages, and ${MOST_MESSAGES} are the most`
      : messages > 1 ? `Sent as ${messages} messages` : `${left} left`;
    this.#length.hidden = left >= NEARLY && messages < 2;
    this.#length.textContent = this.#length.hidden ? "" : words;
    this.#length.classList.toggle("error", isTooLong);
    byId("composer").querySelector(".send").disabled = isTooLong;
    this.#words.setAttribute("aria-invalid", String(isTooLong));
  }

  #grow() {
    this.#measure();
    this.#words.style.height = "auto";
    this.#words.style.height = `${Math.min(this.#words.scrollHeight, 200)}px`;
  }

  #key(event) {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const isOneLine = !this.#words.value.includes("\n");
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#send();
    } else if (event.key === "Tab" && !event.shiftKey) {
      if (this.#complete()) event.preventDefault();
    } else if (event.key === "ArrowUp" && isOneLine) {
      this.#recall(event, -1);
    } else if (event.key === "ArrowDown" && isOneLine) {
      this.#recall(event, 1);
    }
  }

  #recall(event, step) {
    const place = this.#place + step;
    const atStart = step > 0 || this.#words.selectionStart === 0 ||
      this.#words.selectionStart === this.#words.value.length;
    if (!atStart || place < 0 || place > this.#typed.length) return;
    event.preventDefault();
    this.#place = place;
    this.#set(this.#typed[place] ?? "");
  }

  // Completion: the first Tab takes the first name, the next one the next.

  #complete() {
    this.#completing ??= this.#candidates();
    const { found, before, after } = this.#completing ?? {};
    if (!found?.length) {
      this.#completing = null;
      return false;
    }
    const place = this.#completing.place++ % found.length;
    const word = found[place] + (found[place].startsWith("/") || before ? " " : ": ");
    this.#words.value = before + word + after;
    this.#words.setSelectionRange((before + word).length, (before + word).length);
    this.#grow();
    this.#showChoices(found, place);
    return true;
  }

  #candidates() {
    const { value, selectionStart: at, selectionEnd } = this.#words;
    if (at !== selectionEnd) return null;
    const before = value.slice(0, at);
    const [part] = /\S*$/.exec(before);
    if (!part) return null;
    const start = before.slice(0, before.length - part.length);
    return { found: this.#starting(part, start), before: start, after: value.slice(at), place: 0 };
  }

  #starting(part, start) {
    const begins = (word) => word.toLowerCase().startsWith(part.toLowerCase());
    if (part.startsWith("/") && !start) {
      return Object.keys(COMMANDS).map((name) => `/${name}`).filter(begins);
    }
    if (part.startsWith("#")) {
      return [...this.model.talks.values()].map((talk) => talk.name).filter(begins);
    }
    const wanted = part.replace(/^@/, "").toLowerCase();
    return this.#names().filter((name) => wanted && name.toLowerCase().startsWith(wanted));
  }

  // Who has spoken last comes first.
  #names() {
    const talk = this.model.active;
    if (!talk) return [];
    const here = [...talk.members.values()].map((member) => member.name).sort();
    const spoke = talk.messages.slice(-200).reverse().map((message) => message.nick);
    const present = new Set(talk.isRoom ? here : [talk.name]);
    const recent = spoke.filter((name) => present.has(name));
    return [...new Set([...recent, ...present])].filter((name) => name !== this.model.me);
  }

  #hint() {
    const text = this.#words.value;
    this.#showChoices(/^\/\w*$/.test(text) ? this.#starting(text, "") : []);
  }

  #showChoices(found, place = -1) {
    this.#choices.hidden = found.length < 1 || (found.length === 1 && place >= 0);
    const from = Math.max(0, Math.min(place - 3, found.length - SHOWN_CHOICES));
    this.#choices.replaceChildren(
      ...found.slice(from, from + SHOWN_CHOICES).map((word, at) => {
        const [usage, what] = COMMANDS[word.slice(1)] ?? [];
        const isCommand = word.startsWith("/") && what;
        return make(
          "div", { className: from + at === place ? "choice chosen" : "choice" },
          make("b", {}, word),
          isCommand && make("i", {}, usage), isCommand && make("span", {}, what),
        );
      }),
    );
  }
}
