// What was said in the talk that is looked at.

import { badge, byId, dayWords, make, sameDay, timeElement, tint } from "/dom.js";
import { eventWords, foldedWords, isEmoji, nodesOf } from "/text.js";

// Words of the same person that are nearer than this stand together.
const TOGETHER = 5 * 60000;
// So near to the end one is at the end, in pixels.
const NEAR = 60;
// Milliseconds for which what was sought is set off.
const FOUND_TIME = 4000;

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
  #hasNew = false;
  #lines = new WeakMap();
  #height = 0;
  #missed = 0;

  constructor(model, talking, onRead) {
    this.model = model;
    this.talking = talking;
    this.onRead = onRead;
    model.addEventListener("active", ({ detail }) => this.#show(detail.talk));
    model.addEventListener("log", ({ detail }) => this.#changed(detail));
    this.#scroll.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#toEnd.addEventListener("click", () => this.toEnd());
    new ResizeObserver(() => this.#resized()).observe(this.#scroll);
  }

  get isAtEnd() {
    return this.#isAtEnd;
  }

  toEnd() {
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#isAtEnd = true;
    this.#drawToEnd();
    this.onRead();
  }

  #drawToEnd() {
    if (this.#isAtEnd) this.#missed = 0;
    this.#toEnd.hidden = this.#isAtEnd;
    this.#toEnd.textContent = this.#missed ? `↓ ${this.#missed} new` : "↓ Latest";
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
    setTimeout(() => line.classList.remove("found"), FOUND_TIME);
    return true;
  }

  #show(talk) {
    this.#talk = talk;
    this.#isAtEnd = true;
    this.#missed = 0;
    this.#drawAll();
    this.#scroll.scrollTop = this.#scroll.scrollHeight;
    this.#drawToEnd();
    this.#toNew();
    if (this.#isAtEnd) this.onRead();
    this.#fill();
  }

  // To what is new, if not all of it fits.
  #toNew() {
    const line = this.#log.querySelector(".divider.new");
    const above = line ? line.getBoundingClientRect().top - this.#scroll.getBoundingClientRect().top : 0;
    if (above >= 0) return;
    this.#isAtEnd = false;
    this.#missed = this.#talk.unread;
    this.#scroll.scrollTop += above - NEAR;
    this.#drawToEnd();
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
    else {
      this.#missed += fresh.filter(({ kind, isMine }) => kind !== "event" && !isMine).length;
      this.#drawToEnd();
    }
    this.#fill();
  }

  #resized() {
    this.#height = this.#scroll.clientHeight;
    if (this.#isAtEnd) this.toEnd();
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroll;
    // What made the log smaller did not scroll it.
    if (clientHeight !== this.#height && this.#isAtEnd) return;
    this.#isAtEnd = scrollHeight - clientHeight - scrollTop < NEAR;
    this.#drawToEnd();
    if (this.#isAtEnd) this.onRead();
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
    this.#fold = null;
    this.#hasNew = false;
    this.#log.replaceChildren();
    const messages = this.#talk?.messages ?? [];
    for (let place = 0; place < messages.length; place += 1) {
      this.#draw(messages[place], messages[place - 1]);
    }
    this.#drawPending();
    this.#drawOlder();
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
      message.kind !== "event" && !message.isMine && message.time > newFrom && !this.#hasNew;
    if (isNewDay) this.#divide("day", dayWords(message.time));
    this.#hasNew ||= isFirstNew;
    if (isFirstNew) this.#divide("new", "New");
    if (message.kind === "event") {
      this.#drawEvent(message, isNewDay || isFirstNew);
      return;
    }
    this.#fold = null;
    const isFirst = isNewDay || isFirstNew || !areTogether(before, message);
    this.#log.append(this.#lineOf(message, isFirst));
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
    if (!isRemoved && isEmoji(message.text)) names.push("emoji");
    const text = isRemoved
      ? make("em", { className: "removed" }, "This message was removed.")
      : make("span", { className: "text", dir: "auto" }, ...nodesOf(message.text));
    const who = tint(make("button", { type: "button", className: "who", dir: "auto", tabIndex: -1, "data-nick": nick }, nick), nick);
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
    let before = this.#talk?.messages.at(-1);
    for (const pending of this.#talk?.pending ?? []) {
      const isFirst = !before || !areTogether(before, pending);
      before = pending;
      this.#log.append(this.#lineOf(pending, isFirst));
    }
  }

  // The same as before, if nothing is new: that is faster, and a click does not miss
  // its button.
  #lineOf(message, isFirst) {
    const { words, error = "", text, isRemoved } = message;
    const what = `${isFirst} ${text.length} ${isRemoved} ${error}`;
    const known = this.#lines.get(message);
    if (known?.what === what) return known.line;
    const line = this.#line(message, isFirst);
    if (words) line.classList.add("pending");
    if (error) line.append(this.#unsent(message));
    this.#lines.set(message, { what, line });
    return line;
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

// Whether two messages, one right behind the other, are drawn as one person's words.
function areTogether(one, other) {
  const isSame = one.kind === "message" && other.kind === "message" && one.nick === other.nick;
  return isSame && sameDay(one.time, other.time) && other.time - one.time < TOGETHER;
}
