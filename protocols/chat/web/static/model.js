// What the page knows: rooms and private talks, and what was said in them.

import { isRoom, keyOf } from "/irc.js";

// Messages of a talk that are kept on the page; older ones are fetched again.
const MOST = 3000;
// And of one that is not looked at any more.
const MOST_ELSEWHERE = 300;

export class Talk {
  constructor(name) {
    this.name = name;
    this.key = keyOf(name);
    this.isRoom = isRoom(name);
    this.messages = [];
    this.byId = new Map();
    this.pending = [];
    this.members = new Map();
    this.topic = "";
    this.unread = 0;
    this.mentions = 0;
    // The time up to which it was read, and where "new" began when it was opened.
    this.marker = 0;
    this.newFrom = Infinity;
    this.isJoined = false;
    this.isSynced = false;
    // Up to here nothing is missing: an id and its time.
    this.synced = null;
    this.atBeginning = false;
    this.draft = "";
    this.lastLive = "";
  }

  // The same message, if it is here already. A server that was started anew may
  // use its ids again, but not with the same time.
  known(message) {
    const found = message.id ? this.byId.get(message.id) : undefined;
    return found?.time === message.time ? found : undefined;
  }

  // The oldest message that the server can be asked by.
  get oldestId() {
    return this.messages.find((message) => message.id)?.id ?? "";
  }

  // The newest one that has an id.
  get newest() {
    return this.messages.findLast((message) => message.id);
  }
}

// Events: talks (the list), counted {talk, message} (as unread), opened {talk}, active {talk}, members {talk}, topic {talk},
// and log {talk, change, message}; the change is "end" (a message was added there),
// "all", "pending" or "older" (whether there is more).
export class Model extends EventTarget {
  constructor() {
    super();
    this.talks = new Map();
    this.active = null;
    this.me = "";
    // Whether the user sees the end of a talk just now.
    this.looksAt = () => false;
  }

  tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }

  find(name) {
    return this.talks.get(keyOf(name));
  }

  open(name) {
    let talk = this.find(name);
    if (!talk) {
      talk = new Talk(name);
      this.talks.set(talk.key, talk);
      this.tell("talks");
      this.tell("opened", { talk });
    }
    return talk;
  }

  close(talk) {
    const next = this.neighbour(1) ?? null;
    this.talks.delete(talk.key);
    if (this.active === talk) this.activate(next === talk ? null : next);
    this.tell("talks");
  }

  rename(talk, name) {
    this.talks.delete(talk.key);
    talk.name = name;
    talk.key = keyOf(name);
    this.talks.set(talk.key, talk);
    this.tell("talks");
    if (talk === this.active) this.tell("active", { talk });
  }

  activate(talk) {
    if (talk && talk === this.active) return;
    if (this.active) this.#shorten(this.active, MOST_ELSEWHERE);
    this.active = talk;
    if (talk && !talk.unread) talk.newFrom = Infinity;
    this.tell("active", { talk });
  }

  // Rooms by their names, then people by theirs.
  get ordered() {
    const byName = (one, other) => one.name.localeCompare(other.name);
    const all = [...this.talks.values()].sort(byName);
    return [...all.filter((talk) => talk.isRoom), ...all.filter((talk) => !talk.isRoom)];
  }

  // The talk so many places below the active one, round and round.
  neighbour(step, wanted = () => true) {
    const all = this.ordered;
    const start = all.indexOf(this.active);
    for (let tried = 1; tried <= all.length; tried += 1) {
      const place = start + step * tried;
      const talk = all[((place % all.length) + all.length) % all.length];
      if (wanted(talk)) return talk;
    }
    return undefined;
  }

  // Messages

  // Says whether it was new. One that comes twice is there once.
  add(talk, message, isLive = true) {
    const known = talk.known(message);
    if (known) {
      // A long one comes in pieces with one id, right behind one another.
      if (isLive && talk.lastLive === message.id) {
        known.text += message.text;
        this.tell("log", { talk, change: "all" });
      }
      return false;
    }
    // What comes while nothing is missing comes in the room's order.
    const inOrder = isLive && talk.isSynced;
    const place = inOrder ? talk.messages.push(message) - 1 : this.#insert(talk, message, isLive);
    if (message.id) talk.byId.set(message.id, message);
    if (isLive) {
      talk.lastLive = message.id;
      if (talk.isSynced && message.id) talk.synced = message;
      this.#trim(talk);
    }
    const isLast = place === talk.messages.length - 1;
    this.tell("log", { talk, change: isLast ? "end" : "all", message });
    return true;
  }

  // A page of history, oldest first, in which pieces were put together.
  addAll(talk, messages) {
    let added = 0;
    for (const message of messages) {
      if (talk.known(message)) continue;
      this.#insert(talk, message, false);
      if (message.id) talk.byId.set(message.id, message);
      added += 1;
    }
    if (added) this.tell("log", { talk, change: "all" });
    return added;
  }

  remove(talk, id) {
    const message = talk.byId.get(id);
    if (!message) return;
    message.text = "";
    message.isRemoved = true;
    this.tell("log", { talk, change: "all" });
  }

  // What we say and the server has not repeated yet.
  addPending(talk, pending) {
    talk.pending.push(pending);
    this.tell("log", { talk, change: "pending" });
  }

  dropPending(talk, pending) {
    const place = talk.pending.indexOf(pending);
    if (place >= 0) talk.pending.splice(place, 1);
    this.tell("log", { talk, change: "pending" });
  }

  // Counted for who does not look.
  count(talk, message) {
    const isOld = message.time <= talk.marker;
    if (message.isMine || message.kind === "event" || isOld || this.looksAt(talk)) return;
    if (!talk.unread) talk.newFrom = talk.marker;
    talk.unread += 1;
    if (message.isMention || !talk.isRoom) talk.mentions += 1;
    this.tell("counted", { talk, message });
    this.tell("talks");
  }

  read(talk, time) {
    talk.marker = Math.max(talk.marker, time);
    if (!talk.unread && !talk.mentions) return;
    talk.unread = 0;
    talk.mentions = 0;
    for (const message of talk.messages.slice(-200)) {
      if (message.time > talk.marker && !message.isMine && message.kind !== "event") {
        talk.unread += 1;
        if (message.isMention || !talk.isRoom) talk.mentions += 1;
      }
    }
    this.tell("talks");
  }

  get allMentions() {
    let found = 0;
    for (const talk of this.talks.values()) found += talk.mentions;
    return found;
  }

  // Before the first message that is later. A page of history goes before what has
  // the same time and no number.
  #insert(talk, message, isLive) {
    const { messages } = talk;
    let place = messages.length;
    while (place > 0 && isLater(messages[place - 1], message, !isLive)) place -= 1;
    messages.splice(place, 0, message);
    return place;
  }

  #trim(talk) {
    if (talk.messages.length <= MOST) return;
    this.#shorten(talk, (MOST * 2) / 3);
    this.tell("log", { talk, change: "all" });
  }

  #shorten(talk, most) {
    const { messages } = talk;
    if (messages.length <= most) return;
    for (const { id } of messages.splice(0, messages.length - most)) talk.byId.delete(id);
    talk.atBeginning = false;
  }
}

// Many are said in one millisecond; this server's ids are numbers that grow.
function isLater(one, other, otherwise) {
  if (one.time !== other.time) return one.time > other.time;
  const [mine, theirs] = [one.id ?? "", other.id ?? ""];
  if (!/^\d+$/.test(mine) || !/^\d+$/.test(theirs)) return otherwise;
  return mine.length === theirs.length ? mine > theirs : mine.length > theirs.length;
}

// A pattern that finds a name as a word of its own.
export function mentions(name) {
  const literal = name.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, "iu");
}
