// Finding what was said.

import { badge, byId, count, dayWords, make, timeElement, tint } from "/dom.js";
import { plainOf } from "/text.js";

export class SearchView {
  #section = byId("search");
  #words = byId("search-words");
  #state = byId("search-state");
  #results = byId("results");
  #asked = 0;

  constructor(page) {
    this.page = page;
    byId("search-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    byId("search-all").addEventListener("change", () => this.#search());
    byId("show-search").addEventListener("click", () =>
      this.#section.hidden ? this.show() : this.hide(),
    );
    byId("hide-search").addEventListener("click", () => this.hide());
    this.#section.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.hide();
    });
  }

  show(words = "") {
    this.#open(true);
    this.#words.value = words || this.#words.value;
    this.#words.focus();
    this.#words.select();
    if (words) this.#search();
  }

  hide() {
    const hadFocus = this.#section.contains(document.activeElement);
    this.#open(false);
    if (hadFocus) byId("words").focus();
  }

  #open(isOpen) {
    this.#section.hidden = !isOpen;
    byId("show-search").setAttribute("aria-expanded", String(isOpen));
  }

  async #search() {
    const words = this.#words.value.trim();
    const number = (this.#asked += 1);
    this.#results.replaceChildren();
    if (!words) {
      this.#state.textContent = "";
      return;
    }
    const talk = byId("search-all").checked ? null : this.page.model.active;
    this.#state.textContent = "Searching…";
    try {
      const found = await this.page.talking.search(words, talk);
      if (number === this.#asked) this.#show(found, words, talk);
    } catch (error) {
      if (number === this.#asked) this.#state.textContent = error.message;
    }
  }

  #show(found, words, talk) {
    const where = talk ? ` in ${talk.name}` : "";
    this.#state.textContent = found.length
      ? `${count(found.length, "message", "messages")}${where}`
      : `Nothing${where} has “${words}”.`;
    const latestFirst = [...found].sort((one, other) => other.time - one.time);
    this.#results.replaceChildren(...latestFirst.map((each) => this.#result(each, words, talk)));
  }

  #result(message, words, talk) {
    const room = talk?.name ?? message.target;
    const button = make(
      "button", { type: "button", className: "result" },
      badge(message.nick),
      make(
        "span", { className: "head" },
        tint(make("strong", { className: "who" }, message.nick), message.nick),
        make("small", {}, `${room} · ${dayWords(message.time)} `, timeElement(message.time)),
      ),
      make("span", { className: "said" }, ...marked(plainOf(message.text), words)),
    );
    button.addEventListener("click", () => this.#go(room, message.id));
    return make("li", {}, button);
  }

  async #go(room, id) {
    const talk = this.page.model.open(room);
    this.page.model.activate(talk);
    this.#state.textContent = "Looking for it…";
    const isThere = await this.page.talking.upTo(talk, id);
    this.#state.textContent = isThere ? "" : "That is too long ago to be shown here.";
    if (!isThere) return;
    if (matchMedia("(max-width: 720px)").matches) this.hide();
    this.page.log.reveal(id);
  }
}

// A text with the words that were sought set off.
function marked(text, words) {
  const literal = words
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("|");
  return text
    .split(new RegExp(`(${literal})`, "gi"))
    .map((part, at) => (at % 2 ? make("mark", {}, part) : part));
}
