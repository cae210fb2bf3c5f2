// What was said in the talk that is looked at.

import { badge, byId, dayWords, make, sameDay, timeElement, tint } from "/dom.js";
import { eventWords, foldedWords, nodesOf } from "/text.js";

// Words of the same person that are nearer than this stand together.
const TOGETHER = 5 * 60000;
// So near to the end one is at the end, in pixels.
const NEAR = 60;

export class LogView {
  #scroll = byId("scroll");
  #log = byId("log");
  #older = byId("older");
  #toEnd = byId("to-end");
  #talk = null;
  #fold = null;
  #isAtEnd = true;
  #waiting = [];
  #isStale = false;
  #drawing = 0;

  constructor(model, talking, onRead) {
    this.model = model;
    this.talking = talking;
    this.onRead = onRead;
    model.addEventListener("active", ({ detail }) => this.#show(detail.talk));
    model.addEventListener("log", ({ detail }) => this.#changed(detail));
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#toEnd.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#isAtEnd && this.toEnd()).observe(this.#scroll);
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#isAtEnd = true;
    this.#toEnd.hidden = true;
    this.onRead();
  }

  pages(step) {
    this.#scroll.scrollBy({ top: step * this.#scroll.clientHeight * 0.85 });
  }

  // Bring a message into sight.
  reveal(id) {
    this.#drawNow();
    const line = this.#log.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (!line) return false;
    this.#isAtEnd = false;
    line.scrollIntoView({ block: "center" });
    line.classList.remove("found");
    requestAnimationFrame(() => line.classList.add("found"));
    return true;
  }

  #show(talk) {
    this.#talk = talk;
    this.#isAtEnd = true;
    this.#drawAll();
    this.toEnd();
    this.#fill();
  }

  // What comes in one go is drawn in one go.
  #changed({ talk, change, message }) {
    if (talk !== this.#talk) return;
    if (change === "end") this.#waiting.push(message);
    else if (change === "all") this.#isStale = true;
    this.#drawing ||= requestAnimationFrame(() => this.#drawNow());
  }

  #drawNow() {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = 0;
    const fresh = this.#waiting;
    this.#waiting = [];
    if (this.#isStale) this.#drawAll();
    else this.#append(fresh);
    this.#drawOlder();
    if (this.#isAtEnd) this.toEnd();
    else if (fresh.some((message) => message.kind !== "event")) this.#toEnd.hidden = false;
    this.#fill();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    this.#isAtEnd = scrollHeight - clientHeight - scrollTop < NEAR;
    if (this.#isAtEnd) {
      this.#toEnd.hidden = true;
      this.onRead();
    } else if (scrollHeight - clientHeight - scrollTop > clientHeight) {
      this.#toEnd.hidden = false;
    }
    this.#fill();
  }

  // More of the past, when its end is in sight.
  #fill() {
    const talk = this.#talk;
    if (talk && talk.isSynced && this.#scroll.scrollTop < 300) this.talking.older(talk);
  }

  // Draw all; what is looked at stays where it is.
  #drawAll() {
    this.#isStale = false;
    this.#waiting = [];
    const { scrollTop, scrollHeight } = this.#scroll;
    const fromEnd = scrollHeight - scrollTop;
    const anchor = this.#isAtEnd ? null : this.#anchor();
    this.#log.setAttribute("aria-live", "off");
    this.#fold = null;
    this.#log.replaceChildren();
    const messages = this.#talk?.messages ?? [];
    for (let place = 0; place < messages.length; place += 1) {
      this.#draw(messages[place], messages[place - 1]);
    }
    this.#drawPending();
    this.#drawOlder();
    requestAnimationFrame(() => this.#log.setAttribute("aria-live", "polite"));
    if (anchor) this.#keep(anchor, fromEnd);
  }

  // The first message in sight, and how far below the edge it is.
  #anchor() {
    const edge = this.#scroll.getBoundingClientRect().top;
    for (const line of this.#log.querySelectorAll("[data-id]")) {
      const { top, bottom } = line.getBoundingClientRect();
      if (bottom > edge) return { id: line.dataset.id, below: top - edge };
    }
    return { id: "", below: 0 };
  }

  #keep({ id, below }, fromEnd) {
    const line = id && this.#log.querySelector(`[data-id="${CSS.escape(id)}"]`);
    if (line) {
      const edge = this.#scroll.getBoundingClientRect().top;
      this.#scroll.scrollTop += line.getBoundingClientRect().top - edge - below;
    } else {
      this.#scroll.scrollTop = this.#scroll.scrollHeight - fromEnd;
    }
  }

  #append(fresh) {
    this.#log.querySelectorAll(".pending").forEach((line) => line.remove());
    const { messages } = this.#talk;
    for (let place = messages.length - fresh.length; place < messages.length; place += 1) {
      this.#draw(messages[place], messages[place - 1]);
    }
    this.#drawPending();
  }

  #draw(message, before) {
    const isNewDay = !before || !sameDay(before.time, message.time);
    const { newFrom } = this.#talk;
    const isFirstNew =
      message.kind !== "event" && !message.isMine && message.time > newFrom &&
      !this.#log.querySelector(".new");
    if (isNewDay) this.#divide("day", dayWords(message.time));
    if (isFirstNew) this.#divide("new", "New");
    if (message.kind === "event") {
      this.#drawEvent(message, isNewDay || isFirstNew);
      return;
    }
    this.#fold = null;
    const isTogether =
      !isNewDay && !isFirstNew && before.kind === message.kind &&
      before.nick === message.nick && message.kind === "message" &&
      message.time - before.time < TOGETHER;
    this.#log.append(this.#line(message, !isTogether));
  }

  #divide(name, words) {
    this.#fold = null;
    this.#log.append(
      make("div", { className: `divider ${name}`, role: "separator" }, make("span", {}, words)),
    );
  }

  #line(message, isFirst) {
    const { kind, nick, isMention, isMine, isRemoved, id } = message;
    const names = ["line", kind, isFirst && "first", isMention && "mention", isMine && "mine"];
    const text = isRemoved
      ? make("em", { className: "removed" }, "This message was removed.")
      : make("span", { className: "text", dir: "auto" }, ...nodesOf(message.text));
    const who = tint(make("button", { type: "button", className: "who", tabIndex: -1, "data-nick": nick }, nick), nick);
    const line = make("div", { className: names.filter(Boolean).join(" ") });
    if (id) line.dataset.id = id;
    if (kind === "action") line.append(make("span", { className: "gutter" }, timeElement(message.time)), make("p", {}, who, " ", text));
    else if (isFirst) {
      line.append(badge(nick), make("p", { className: "head" }, who, timeElement(message.time)), make("p", { className: "said" }, text));
    } else {
      line.append(make("span", { className: "gutter" }, timeElement(message.time)), make("p", { className: "said" }, text));
    }
    return line;
  }

  // Several in a row are one line, which opens.
  #drawEvent(message, isFirst) {
    if (isFirst || !this.#fold) {
      const list = make("ul");
      const summary = make("summary");
      const element = make("details", { className: "fold" }, summary, list);
      this.#fold = { messages: [], summary, list };
      this.#log.append(element);
    }
    const { messages, summary, list } = this.#fold;
    messages.push(message);
    summary.textContent = foldedWords(messages);
    list.append(make("li", {}, timeElement(message.time), ` ${eventWords(message)}`));
  }

  // What we have said and the server has not repeated.
  #drawPending() {
    this.#log.querySelectorAll(".pending").forEach((line) => line.remove());
    for (const pending of this.#talk?.pending ?? []) {
      const line = this.#line(pending, true);
      line.classList.add("pending");
      if (pending.error) line.append(this.#unsent(pending));
      this.#log.append(line);
    }
  }

  #unsent(pending) {
    const again = make("button", { type: "button" }, "Send again");
    again.addEventListener("click", () => this.talking.send(this.#talk, pending));
    const drop = make("button", { type: "button" }, "Discard");
    drop.addEventListener("click", () => this.talking.give(this.#talk, pending));
    return make("p", { className: "unsent", role: "alert" }, `Not sent: ${pending.error} `, again, drop);
  }

  #drawOlder() {
    const talk = this.#talk;
    const words = !talk ? "" : talk.atBeginning
      ? talk.isRoom ? `This is where ${talk.name} begins.` : `This is where your talk with ${talk.name} begins.`
      : talk.oldestId ? "Loading what was said before…" : "";
    this.#older.textContent = words;
  }
}
