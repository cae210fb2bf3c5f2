// The page as a whole: login, keys, drawers, and who is told of what.

import { Announcer } from "/announcing.js";
import { byId, make, tint } from "/dom.js";
import { Composer } from "/composer.js";
import { obey } from "/commands.js";
import { Drawers } from "/drawers.js";
import { Events } from "/events.js";
import { showHelp } from "/help.js";
import { Link } from "/link.js";
import { LogView } from "/log.js";
import { LoginView } from "/login.js";
import { Model } from "/model.js";
import { Notifier } from "/notifying.js";
import { RoomDialog } from "/rooms.js";
import { SearchView } from "/search.js";
import { Session } from "/session.js";
import { Settings } from "/settings.js";
import { SideView } from "/side.js";
import { Talking } from "/talking.js";
import { nodesOf, plainOf } from "/text.js";
import { followViewport } from "/viewport.js";

const NOTICE_TIME = 12000;

const write = (element, words) => {
  if (element.textContent !== words) element.textContent = words;
};

class Page {
  #noticeTimer = 0;

  constructor() {
    const { protocol, host } = location;
    this.link = new Link(`${protocol.replace("http", "ws")}//${host}/ws`);
    this.settings = new Settings();
    this.session = new Session(this.link);
    this.model = new Model();
    this.events = new Events(this.model, this.session);
    this.talking = new Talking(this.model, this.session, this.events);
    this.side = new SideView(this.model);
    this.log = new LogView(this.model, this.talking, () => this.#read());
    this.composer = new Composer(this.model, (text) => this.#say(text));
    this.search = new SearchView(this);
    this.dialog = new RoomDialog(this);
    this.login = new LoginView(this);
    this.drawers = new Drawers(this.settings);
    new Announcer(this.model);
    new Notifier(this);
    followViewport(() => this.log.isAtEnd && this.log.toEnd());
    this.model.looksAt = (talk) => this.#looksAt(talk);
    this.#listen();
    this.login.start();
  }

  #listen() {
    const { model, session, link } = this;
    session.addEventListener("welcome", () => this.#welcome());
    session.addEventListener("refused", ({ detail }) => this.login.refused(detail));
    link.addEventListener("state", () => {
      this.#drawState();
      this.login.connecting(link.state);
    });
    setInterval(() => this.#drawState(), 1000);
    model.addEventListener("me", () => this.#drawMe());
    model.addEventListener("notice", ({ detail }) => this.notice(detail.text));
    model.addEventListener("network", ({ detail }) => {
      byId("network").textContent = detail.name;
    });
    model.addEventListener("active", () => this.#drawTitle());
    model.addEventListener("topic", ({ detail }) => {
      if (detail.talk === model.active) this.#drawTitle();
    });
    model.addEventListener("talks", () => this.login.remember());
    model.addEventListener("log", ({ detail }) => {
      if (this.#looksAt(detail.talk)) this.#read();
    });
    model.addEventListener("joined", ({ detail }) => {
      if (!model.active || this.wanted === detail.talk.key) model.activate(detail.talk);
      this.wanted = null;
    });
    addEventListener("visibilitychange", () => this.#read());
    addEventListener("focus", () => this.#read());
    addEventListener("hashchange", () => {
      if (this.login.asked) this.join(this.login.asked);
    });
    addEventListener("keydown", (event) => this.#key(event));
    addEventListener("click", (event) => this.#click(event));
    byId("leave").addEventListener("click", () => this.quit(""));
    byId("try-now").addEventListener("click", () => link.hurry());
    byId("join").addEventListener("click", () => this.askForRoom());
    byId("show-settings").addEventListener("click", () => this.settings.show());
    byId("show-topic").addEventListener("click", () => this.#showTopic());
    addEventListener("resize", () => this.#showTopic(false));
    byId("settings").addEventListener("close", ({ target }) => {
      if (target.returnValue === "help") showHelp();
      target.returnValue = "";
    });
  }

  #welcome() {
    this.model.me = this.session.name;
    this.#drawMe();
    this.login.entered();
    const rooms = [...this.model.talks.values()].filter((talk) => talk.isRoom);
    const names = rooms.length ? rooms.map((talk) => talk.name) : this.login.rooms;
    this.session.send("JOIN", names.join(","));
    if (!rooms.length) this.composer.focus();
  }

  // For commands

  join(name, ...key) {
    const talk = this.model.find(name);
    if (talk?.isJoined) {
      this.model.activate(talk);
      return;
    }
    this.wanted = name.normalize("NFKC").toLowerCase();
    this.session.send("JOIN", name, ...key);
  }

  openTalk(name) {
    const talk = this.model.open(name);
    this.model.activate(talk);
    this.drawers.close();
    this.composer.focus();
    return talk;
  }

  leaveTalk(talk, reason = "") {
    if (talk.isRoom && talk.isJoined) {
      this.session.send("PART", talk.name, ...(reason ? [reason] : []));
    } else {
      this.model.close(talk);
    }
  }

  askForRoom() {
    this.drawers.close();
    this.dialog.show();
  }

  showMembers() {
    this.drawers.showMembers();
  }

  showSearch(words) {
    this.search.show(words);
  }

  showHelp() {
    showHelp();
  }

  quit(reason) {
    this.session.end(reason);
    this.login.left();
  }

  notice(words) {
    const box = byId("notice");
    clearTimeout(this.#noticeTimer);
    const close = make("button", { type: "button", className: "icon", "aria-label": "Close" }, "×");
    close.addEventListener("click", () => (box.hidden = true));
    box.replaceChildren(make("div", {}, ...nodesOf(words)), close);
    box.hidden = false;
    this.#noticeTimer = setTimeout(() => (box.hidden = true), NOTICE_TIME);
  }

  #say(text) {
    const talk = this.model.active;
    if (/^\/(?!\/)/.test(text)) {
      const answer = obey(this, text, talk);
      if (answer) this.notice(answer);
    } else if (talk) {
      talk.newFrom = Infinity;
      this.log.toEnd();
      this.talking.say(talk, text.replace(/^\/\//, "/"));
    } else {
      this.notice("You are in no room; type /join #room");
    }
  }

  // Reading

  #looksAt(talk) {
    return talk === this.model.active && !document.hidden && this.log.isAtEnd;
  }

  #read() {
    const talk = this.model.active;
    if (talk && this.#looksAt(talk)) this.talking.markRead(talk);
  }

  // What is drawn here

  #drawMe() {
    byId("me-name").textContent = this.model.me;
    const sign = byId("me-badge");
    sign.textContent = this.model.me.slice(0, 1);
    tint(sign, this.model.me);
  }

  #drawTitle() {
    const talk = this.model.active;
    byId("title").textContent = talk?.name ?? "No room";
    const topic = talk?.topic ? plainOf(talk.topic) : talk && !talk.isRoom ? "Private talk" : "";
    byId("topic").replaceChildren(...(talk?.topic ? nodesOf(talk.topic) : [topic]));
    this.#showTopic(false);
    const place = talk?.isRoom ? `#${encodeURIComponent(talk.name.slice(1))}` : location.pathname;
    history.replaceState(null, "", place);
  }

  // All of it, or what fits into one line.
  #showTopic(isWhole = byId("show-topic").getAttribute("aria-expanded") !== "true") {
    const [topic, button] = [byId("topic"), byId("show-topic")];
    byId("title-box").classList.toggle("whole", isWhole);
    button.setAttribute("aria-expanded", String(isWhole));
    button.hidden = !isWhole && topic.scrollWidth <= topic.clientWidth;
  }

  #drawState() {
    const { state, waitsUntil } = this.link;
    const seconds = Math.max(1, Math.ceil((waitsUntil - Date.now()) / 1000));
    const words = {
      online: "Connected", connecting: "Connecting…", offline: "Not connected",
      waiting: "Connection lost",
    }[state];
    const waiting = `Connection lost; trying again in ${seconds} s.`;
    write(byId("state"), words);
    write(byId("lost-words"), state === "waiting" ? waiting : words);
    byId("lost").hidden = state === "online";
    document.body.dataset.state = state;
  }

  #click({ target }) {
    const button = target.closest?.("button");
    const { talk, close, nick, room, skip } = button?.dataset ?? {};
    if (talk) {
      this.model.activate(this.model.talks.get(talk));
      this.drawers.close();
      this.composer.focus();
    } else if (skip) {
      byId(skip).focus();
    } else if (close) {
      this.leaveTalk(this.model.talks.get(close));
    } else if (nick) {
      this.openTalk(nick);
    } else if (room) {
      this.join(room);
    }
  }

  #key(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const isShortcut = (event.altKey || event.ctrlKey) && !event.metaKey;
    if (byId("chat").hidden || document.querySelector("dialog[open]")) return;
    if (isShortcut && step) {
      event.preventDefault();
      const talk = this.model.neighbour(step, (each) => !event.shiftKey || each.unread > 0);
      if (talk) this.model.activate(talk);
    } else if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      this.search.show();
    } else if (/^Page(Up|Down)$/.test(event.key) && event.target.id === "words") {
      event.preventDefault();
      this.log.pages(event.key === "PageUp" ? -1 : 1);
    } else if (event.key === "Escape") {
      this.drawers.close();
      if (event.target.closest?.("#side, #members")) this.composer.focus();
      byId("notice").hidden = true;
      if (event.target.id === "words") this.log.toEnd();
    }
  }
}

const page = new Page();
export default page;
