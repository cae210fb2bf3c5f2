// Saying things so that nothing is lost and nothing said twice, and fetching what
// was said before or meanwhile.

import { actionOf, pieces } from "/irc.js";

const FIRST_PAGE = 50;
const PAGE = 100;
// Octets of a message, with room for the longest source and target (RFC 1459, 2.3).
export const LONGEST = 380;
// Members of a room of whom it is asked who is away.
const CROWD = 400;

export class Talking {
  #loading = new Map();
  #marking = new Map();

  constructor(model, session, events) {
    this.model = model;
    this.session = session;
    this.events = events;
    model.addEventListener("joined", ({ detail }) => {
      this.catchUp(detail.talk).then(() => this.#askWhoIsAway(detail.talk));
    });
    model.addEventListener("opened", ({ detail }) => this.#opened(detail.talk));
    session.addEventListener("lost", () => this.#lost());
    session.addEventListener("welcome", () => {
      for (const talk of model.talks.values()) this.#opened(talk);
    });
  }

  // Saying

  say(talk, text, isAction = false) {
    for (const line of text.split(/\r?\n/)) {
      for (const piece of pieces(line, LONGEST)) {
        if (piece.trim()) this.#sayOne(talk, isAction ? `\u0001ACTION ${piece}\u0001` : piece);
      }
    }
  }

  #sayOne(talk, words) {
    const pending = {
      time: Date.now(), words, text: actionOf(words) ?? words, nick: this.model.me,
      kind: actionOf(words) === null ? "message" : "action", isMine: true, error: "",
      isSending: false,
    };
    this.model.addPending(talk, pending);
    if (this.session.isWelcome && (talk.isSynced || !talk.isRoom)) this.send(talk, pending);
  }

  async send(talk, pending) {
    if (pending.isSending) return;
    pending.isSending = true;
    pending.error = "";
    try {
      const lines = await this.session.ask("PRIVMSG", talk.name, pending.words);
      this.model.dropPending(talk, pending);
      const said = lines.filter((line) => line.command === "PRIVMSG");
      for (const message of this.events.messagesFrom(said)) this.model.add(talk, message);
      for (const line of lines) if (!said.includes(line)) this.events.take(line);
    } catch (error) {
      pending.isSending = false;
      if (error.code !== "OFFLINE") pending.error = error.message;
      this.model.tell("log", { talk, change: "pending" });
    }
  }

  give(talk, pending) {
    this.model.dropPending(talk, pending);
  }

  // What was said while the connection was lost may have arrived or not: history
  // knows. What has not is said again.
  #sayRest(talk) {
    for (const pending of [...talk.pending]) {
      const arrived = talk.messages.find(
        (each) => each.isMine && each.id && each.text === pending.text &&
          each.kind === pending.kind && each.time >= pending.time - 60000 && !each.isClaimed,
      );
      if (arrived && !pending.error) {
        arrived.isClaimed = true;
        this.model.dropPending(talk, pending);
      } else if (!pending.error) {
        this.send(talk, pending);
      }
    }
  }

  // Fetching

  #lost() {
    for (const talk of this.model.talks.values()) {
      talk.isSynced = false;
      talk.isJoined = false;
      talk.lastLive = "";
    }
    this.#loading.clear();
    this.model.tell("talks");
  }

  // Rooms are fetched when they have been joined.
  #opened(talk) {
    if (!talk.isRoom && this.session.isWelcome) this.catchUp(talk);
  }

  // NAMES does not say it. In a crowd nobody looks for that.
  async #askWhoIsAway(talk) {
    if (!this.session.isWelcome || talk.members.size > CROWD) return;
    const lines = await this.session.ask("WHO", talk.name, "%tnf,1").catch(() => []);
    this.events.whoIsAway(talk, lines);
  }

  // Everything that came since the last message that we have.
  async catchUp(talk) {
    try {
      if (talk.synced) await this.#after(talk);
      else await this.#latest(talk);
    } catch (error) {
      if (error.code === "OFFLINE") return;
      await this.#latest(talk).catch(() => {});
    }
    if (!this.session.isWelcome) return;
    talk.isSynced = true;
    talk.synced = talk.newest ?? talk.synced;
    this.#sayRest(talk);
  }

  async #after(talk) {
    let point = this.#pointOf(talk.synced);
    for (;;) {
      const lines = await this.session.history("AFTER", talk.name, point, PAGE);
      const messages = this.#take(talk, lines, true);
      if (messages.length) talk.synced = messages.at(-1);
      const next = `msgid=${talk.synced.id}`;
      if (messages.length < PAGE || next === point) return;
      point = next;
    }
  }

  // After a restart of the server an id may belong to another message.
  #pointOf({ id, time }) {
    const isSame = this.session.wasRestarted === false;
    return isSame ? `msgid=${id}` : `timestamp=${new Date(time - 1).toISOString()}`;
  }

  async #latest(talk) {
    const lines = await this.session.history("LATEST", talk.name, "*", FIRST_PAGE);
    const messages = this.#take(talk, lines, talk.marker > 0);
    if (messages.length < FIRST_PAGE) {
      talk.atBeginning = true;
    }
    talk.marker ||= messages.at(-1)?.time ?? Date.now();
    this.model.tell("log", { talk, change: "older" });
  }

  #take(talk, lines, counts) {
    const messages = this.events.messagesFrom(lines);
    const fresh = messages.filter((message) => !talk.known(message));
    this.model.addAll(talk, messages);
    if (counts) for (const message of fresh) this.model.count(talk, message);
    return messages;
  }

  // A page of what was said before; one at a time.
  older(talk) {
    if (talk.atBeginning || !talk.oldestId || !this.session.isWelcome) {
      return Promise.resolve(0);
    }
    if (!this.#loading.has(talk)) {
      const loading = this.#older(talk).finally(() => this.#loading.delete(talk));
      this.#loading.set(talk, loading);
    }
    return this.#loading.get(talk);
  }

  async #older(talk) {
    try {
      const point = `msgid=${talk.oldestId}`;
      const lines = await this.session.history("BEFORE", talk.name, point, PAGE);
      const messages = this.#take(talk, lines, false);
      if (messages.length < PAGE) talk.atBeginning = true;
      this.model.tell("log", { talk, change: "older" });
      return messages.length;
    } catch {
      return 0;
    }
  }

  // Back to a message that was found; says whether it is there now.
  async upTo(talk, id) {
    for (let pages = 0; !talk.byId.has(id) && pages < 30; pages += 1) {
      if (!(await this.older(talk))) break;
    }
    return talk.byId.has(id);
  }

  // How far we have read, told at most once a second.
  markRead(talk) {
    const last = talk.messages.findLast((message) => message.kind !== "event");
    if (!last || last.time <= talk.marker) {
      if (talk.unread) this.model.read(talk, talk.marker);
      return;
    }
    this.model.read(talk, last.time);
    if (this.#marking.has(talk) || !this.session.has.has("draft/read-marker")) return;
    const timer = setTimeout(() => {
      this.#marking.delete(talk);
      const time = new Date(talk.marker).toISOString();
      this.session.send("MARKREAD", talk.name, `timestamp=${time}`);
    }, 1000);
    this.#marking.set(talk, timer);
  }

  // Searching

  async search(words, talk) {
    if (!this.session.has.has("soju.im/search")) return this.#searchHere(words, talk);
    const value = words.replace(/[;\s]+/g, "\\s");
    const where = talk ? `in=${talk.name};` : "";
    const lines = await this.session.ask("SEARCH", `${where}text=${value};limit=50`);
    return this.events.messagesFrom(lines.filter((each) => each.command === "PRIVMSG"));
  }

  #searchHere(words, wanted) {
    const sought = words.toLowerCase();
    const talks = wanted ? [wanted] : [...this.model.talks.values()];
    return talks.flatMap((talk) =>
      talk.messages
        .filter((message) => message.text?.toLowerCase().includes(sought))
        .map((message) => ({ ...message, target: talk.name })),
    );
  }
}

