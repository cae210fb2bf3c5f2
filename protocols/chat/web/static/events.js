// What the server says, as changes of the model.

import { actionOf, isRoom, keyOf, timeOf } from "/irc.js";
import { kept, keep } from "/keeping.js";
import { mentions } from "/model.js";

const RANKS = "@+%~&!";

export class Events {
  constructor(model, session) {
    this.model = model;
    this.session = session;
    this.ignored = new Map(kept("ignored", []));
    this.motd = [];
    this.wasGreeted = false;
    session.addEventListener("said", (event) => this.take(event.detail));
  }

  take(message) {
    const handle = this[`on${message.command}`];
    if (handle) handle.call(this, message, message.params);
    else if (/^([45]\d\d|NOTE|WARN|REGISTER)$/.test(message.command)) this.notice(message.params.at(-1));
  }

  notice(text) {
    this.model.tell("notice", { text });
  }

  isMe(nick) {
    return keyOf(nick) === keyOf(this.session.name);
  }

  // Who is not listened to, in this browser; all of them.
  ignore(name) {
    if (name) this.ignored.set(keyOf(name), name);
    keep("ignored", [...this.ignored]);
    return [...this.ignored.values()];
  }

  unignore(name) {
    this.ignored.delete(keyOf(name));
    keep("ignored", [...this.ignored]);
  }

  // A message of the log from what was said; null for what is not shown.
  messageFrom(line) {
    const [target = "", text = ""] = line.params;
    const action = actionOf(text);
    if (action === null && text.startsWith("\u0001")) return null;
    if (this.ignored.has(keyOf(line.nick))) return null;
    const isMine = this.isMe(line.nick);
    const shown = action ?? text;
    return {
      id: line.tags.msgid ?? "",
      time: timeOf(line),
      kind: action !== null ? "action" : line.command === "NOTICE" ? "notice" : "message",
      nick: line.nick,
      text: shown,
      isMine,
      isMention: !isMine && mentions(this.session.name).test(shown),
      target,
    };
  }

  // A page as messages; pieces of a long one, which share its id, become one.
  messagesFrom(lines) {
    const found = [];
    for (const message of lines.map((line) => this.messageFrom(line))) {
      if (!message) continue;
      const before = found.at(-1);
      if (message.id && before?.id === message.id) before.text += message.text;
      else found.push(message);
    }
    return found;
  }

  onPRIVMSG(line) {
    const message = this.messageFrom(line);
    if (!message) return;
    // Of the server itself, or for all of it.
    if (line.source === this.session.server && !isRoom(message.target)) {
      this.notice(message.text);
      return;
    }
    const name = message.target.replace(/^[@+](?=#)/, "");
    const isOurs = !isRoom(name) && this.isMe(name);
    const talk = this.model.open(isOurs ? line.nick : name);
    if (this.model.add(talk, message)) this.model.count(talk, message);
  }

  onNOTICE(line) {
    this.onPRIVMSG(line);
  }

  onREDACT(line, [target, id]) {
    const talk = this.model.find(this.isMe(target) ? line.nick : target);
    if (talk) this.model.remove(talk, id);
  }

  // Comings and goings

  happened(talk, line, event) {
    const message = { id: "", time: timeOf(line), kind: "event", nick: line.nick, event };
    this.model.add(talk, message);
  }

  onJOIN(line, [name]) {
    const talk = this.model.open(name);
    if (this.isMe(line.nick)) {
      talk.isJoined = true;
      talk.members.clear();
      this.model.tell("talks");
      this.model.tell("joined", { talk });
      return;
    }
    talk.members.set(keyOf(line.nick), { name: line.nick, ranks: "", isAway: false });
    this.model.tell("members", { talk });
    this.happened(talk, line, { type: "join" });
  }

  onPART(line, [name, reason = ""]) {
    const talk = this.model.find(name);
    if (!talk) return;
    if (this.isMe(line.nick)) {
      this.model.close(talk);
      return;
    }
    this.#gone(talk, line.nick);
    this.happened(talk, line, { type: "part", reason });
  }

  onKICK(line, [name, who, reason = ""]) {
    const talk = this.model.find(name);
    if (!talk) return;
    const event = { type: "kick", by: line.nick, reason };
    this.#gone(talk, who);
    this.happened(talk, { ...line, nick: who }, event);
    if (!this.isMe(who)) return;
    talk.isJoined = false;
    this.notice(`${line.nick} removed you from ${talk.name}: ${reason}`);
    this.model.tell("talks");
  }

  onQUIT(line, [reason = ""]) {
    for (const talk of this.model.talks.values()) {
      const isHere = talk.isRoom ? talk.members.has(keyOf(line.nick)) : false;
      const isTheirs = !talk.isRoom && talk.key === keyOf(line.nick);
      if (isHere) this.#gone(talk, line.nick);
      if (isHere || isTheirs) this.happened(talk, line, { type: "quit", reason });
    }
  }

  onNICK(line, [name]) {
    const isMe = this.isMe(line.nick);
    if (isMe) {
      this.session.renamed(name);
      this.model.me = name;
      this.model.tell("me");
    }
    for (const talk of [...this.model.talks.values()]) {
      const member = talk.members.get(keyOf(line.nick));
      if (member) {
        talk.members.delete(keyOf(line.nick));
        talk.members.set(keyOf(name), { ...member, name });
        this.model.tell("members", { talk });
      }
      const isTheirs = !talk.isRoom && talk.key === keyOf(line.nick);
      if (member || isTheirs) this.happened(talk, line, { type: "nick", name });
      if (isTheirs && !this.model.find(name)) this.model.rename(talk, name);
    }
  }

  #gone(talk, nick) {
    talk.members.delete(keyOf(nick));
    this.model.tell("members", { talk });
  }

  // Members

  on353(line, params) {
    const [, , name, names] = params;
    const talk = this.model.find(name);
    if (!talk) return;
    for (const word of names.split(" ").filter(Boolean)) {
      const sign = /^[^\p{L}\p{N}]*/u.exec(word)[0];
      const ranks = [...sign].filter((each) => RANKS.includes(each)).join("");
      const nick = word.slice(ranks.length).split("!", 1)[0];
      const isAway = talk.members.get(keyOf(nick))?.isAway ?? false;
      talk.members.set(keyOf(nick), { name: nick, ranks, isAway });
    }
  }

  on366(line, [, name]) {
    const talk = this.model.find(name);
    if (talk) this.model.tell("members", { talk });
  }

  onAWAY(line, [reason = ""]) {
    for (const talk of this.model.talks.values()) {
      const member = talk.members.get(keyOf(line.nick));
      if (!member) continue;
      member.isAway = Boolean(reason);
      this.model.tell("members", { talk });
    }
  }

  // WHOX with %tnf: who is away in a room that was joined.
  whoIsAway(talk, lines) {
    for (const { command, params } of lines) {
      const member = command === "354" && talk.members.get(keyOf(params[2] ?? ""));
      if (member) member.isAway = params[3].startsWith("G");
    }
    this.model.tell("members", { talk });
  }

  onMODE(line, [name, changes = "", ...words]) {
    const talk = this.model.find(name);
    if (!talk?.isRoom) return;
    if (/[ov]/.test(changes)) this.session.send("NAMES", name);
    this.happened(talk, line, { type: "mode", words: [changes, ...words].join(" ") });
  }

  // Rooms

  #topic(name, text) {
    const talk = this.model.find(name);
    if (!talk) return null;
    talk.topic = text;
    this.model.tell("topic", { talk });
    return talk;
  }

  onTOPIC(line, [name, text = ""]) {
    const talk = this.#topic(name, text);
    if (talk) this.happened(talk, line, { type: "topic", text });
  }

  on332(line, [, name, text]) {
    this.#topic(name, text);
  }

  on331(line, [, name]) {
    this.#topic(name, "");
  }

  onINVITE(line, [who, name]) {
    if (this.isMe(who)) this.notice(`${line.nick} invites you: type /join ${name}`);
  }

  onMARKREAD(line, [name, value = "*"]) {
    const talk = this.model.find(name);
    const time = Date.parse(value.replace(/^timestamp=/, ""));
    if (talk && !Number.isNaN(time)) this.model.read(talk, time);
  }

  // Words of the server

  on005(line, params) {
    for (const word of params) {
      if (word.startsWith("NETWORK=")) {
        this.model.tell("network", { name: word.slice(8).replace(/\\x20/g, " ") });
      }
    }
  }

  // The message of the day, once it is whole.
  on372(line, [, text]) {
    this.motd.push(text.replace(/^- /, ""));
  }

  on376() {
    if (this.motd.length && !this.wasGreeted) this.notice(this.motd.join("\n"));
    this.motd = [];
    this.wasGreeted = true;
  }

  on422() {}

  on301(line, [, name, reason]) {
    this.notice(`${name} is away: ${reason}`);
  }

  on433(line) {
    if (this.session.renameRefused()) this.notice(line.params.at(-1));
  }

  on432(line) {
    this.on433(line);
  }

  onERROR(line, [reason = ""]) {
    this.notice(reason);
  }

  onFAIL(line) {
    if (line.params[0] === "REGISTER") this.session.registrationFailed();
    this.notice(line.params.at(-1));
  }

}
