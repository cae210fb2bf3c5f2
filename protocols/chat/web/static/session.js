// Who we are on the server, and which answer is for what: registration, SASL,
// batches and labels (IRCv3).

import { format, parse } from "/irc.js";

const WANTED = [
  "account-tag", "away-notify", "batch", "draft/chathistory", "draft/message-redaction",
  "draft/read-marker", "echo-message", "extended-join", "invite-notify",
  "labeled-response", "message-tags", "multi-prefix", "sasl", "server-time", "setname",
  "soju.im/search", "standard-replies", "userhost-in-names",
];
const CHUNK = 400;
// Attempts to have one's own name back after another has been taken.
const REGAIN_EVERY = 10000;
const REGAIN_ATTEMPTS = 20;

export class AnswerError extends Error {
  constructor(message, code) {
    super(message);
    this.code = code;
  }
}

export class Session extends EventTarget {
  #link;
  #offered = new Map();
  #labels = new Map();
  #batches = new Map();
  #label = 0;
  #wish = null;
  #attempts = 0;
  #regaining = 0;
  #regains = 0;

  constructor(link) {
    super();
    this.#link = link;
    this.name = "";
    this.server = "";
    this.created = "";
    this.wasRestarted = false;
    this.isWelcome = false;
    this.wasWelcome = false;
    this.has = new Set();
    this.isRenaming = false;
    link.addEventListener("open", () => this.#register());
    link.addEventListener("line", (event) => this.#take(event.detail));
    link.addEventListener("lost", () => this.#lost());
  }

  // Who comes back may find the name still taken by the connection before.
  begin(name, password = "", comesBack = false, isNew = false) {
    this.#wish = { name, password, isNew };
    this.#attempts = 0;
    this.wasWelcome = comesBack;
    this.#link.start();
  }

  end(reason = "") {
    this.send("QUIT", reason);
    this.#link.stop();
  }

  send(command, ...params) {
    return this.#link.send(format(command, params));
  }

  // The answer: the messages of which it consists. Rejects with an AnswerError.
  ask(command, ...params) {
    if (!this.has.has("labeled-response")) {
      return Promise.reject(new AnswerError("The server does not answer that.", "NO"));
    }
    return new Promise((resolve, reject) => {
      const label = `l${(this.#label += 1)}`;
      this.#labels.set(label, { resolve, reject });
      if (!this.#link.send(format(command, params, { label }))) {
        this.#settle(label, null, new AnswerError("There is no connection.", "OFFLINE"));
      }
    });
  }

  // Messages of a room or a person that are kept; oldest first.
  async history(what, target, point, limit) {
    if (!this.has.has("draft/chathistory")) return [];
    const lines = await this.ask("CHATHISTORY", what, target, point, String(limit));
    return lines.filter((line) => /^(PRIVMSG|NOTICE)$/.test(line.command));
  }

  // Registration

  #register() {
    this.has.clear();
    this.#offered.clear();
    this.send("CAP", "LS", "302");
    this.#sendName();
    this.send("USER", "web", "0", "*", this.#wish.name);
  }

  #sendName() {
    const wanted = this.#wish.name;
    const tried = Math.min(this.#attempts, 4);
    this.send("NICK", tried ? wanted.slice(0, 31 - tried) + "_".repeat(tried) : wanted);
  }

  #capabilities([, what, ...rest]) {
    if (what === "LS" || what === "NEW") {
      for (const word of rest.at(-1).split(" ").filter(Boolean)) {
        const [name, value = ""] = word.split(/=(.*)/s);
        this.#offered.set(name, value);
      }
      if (rest[0] !== "*") this.#requestCapabilities();
    } else if (what === "ACK") {
      for (const name of rest.at(-1).split(" ").filter(Boolean)) this.has.add(name);
      if (!this.isWelcome) this.#logIn();
    } else if (what === "NAK") {
      this.send("CAP", "END");
    }
  }

  #requestCapabilities() {
    const names = WANTED.filter((name) => this.#offered.has(name) && !this.has.has(name));
    if (names.length) this.send("CAP", "REQ", names.join(" "));
    else if (!this.isWelcome) this.send("CAP", "END");
  }

  #logIn() {
    if (!this.#wish.password || this.#wish.isNew) {
      this.send("CAP", "END");
    } else if (!this.has.has("sasl")) {
      this.#refused("This server has no accounts.");
    } else {
      this.send("AUTHENTICATE", "PLAIN");
    }
  }

  #authenticate() {
    const { name, password } = this.#wish;
    const bytes = new TextEncoder().encode(`\0${name}\0${password}`);
    const text = btoa(String.fromCharCode(...bytes));
    for (let at = 0; at < text.length; at += CHUNK) {
      this.send("AUTHENTICATE", text.slice(at, at + CHUNK));
    }
    if (text.length % CHUNK === 0) this.send("AUTHENTICATE", "+");
  }

  #nameTaken(message) {
    if (this.isWelcome) return;
    if (!this.wasWelcome && message.command !== "437") {
      this.#refused(message.params.at(-1));
    } else {
      this.#attempts += 1;
      this.#sendName();
    }
  }

  #refused(reason) {
    this.#link.stop();
    this.dispatchEvent(new CustomEvent("refused", { detail: reason }));
  }

  #welcome(message) {
    this.name = message.params[0];
    this.server = message.source;
    this.isWelcome = true;
    const again = this.wasWelcome;
    this.wasWelcome = true;
    this.#attempts = 0;
    this.#regains = 0;
    this.#link.settled();
    this.#regain();
    if (this.#wish.isNew) this.#makeAccount();
    this.dispatchEvent(new CustomEvent("welcome", { detail: { again } }));
  }

  // Whoever comes back logs in to what was made.
  #makeAccount() {
    this.#wish.isNew = false;
    this.send("REGISTER", "*", "*", this.#wish.password);
  }

  // No account was made: there is nothing to log in to.
  registrationFailed() {
    if (this.#wish) this.#wish.password = "";
  }

  // Says when the server was started; comes before any answer to a JOIN.
  #noteCreated(words) {
    this.wasRestarted = this.created !== "" && this.created !== words;
    this.created = words;
  }

  // Our old connection may still have our name for a while.
  #regain() {
    clearTimeout(this.#regaining);
    const done = this.name === this.#wish.name || this.#regains >= REGAIN_ATTEMPTS;
    if (!this.isWelcome || done) return;
    this.#regaining = setTimeout(() => {
      this.#regains += 1;
      this.send("NICK", this.#wish.name);
      this.#regain();
    }, this.#regains ? REGAIN_EVERY : 1500);
  }

  renamed(name) {
    if (this.isRenaming) this.#wish.name = name;
    this.isRenaming = false;
    this.name = name;
    if (name === this.#wish.name) clearTimeout(this.#regaining);
  }

  // The user wants another name.
  rename(name) {
    this.isRenaming = this.send("NICK", name);
  }

  // Another name was refused; says whether the user should know.
  renameRefused() {
    const asked = this.isRenaming;
    this.isRenaming = false;
    return asked;
  }

  #lost() {
    this.isWelcome = false;
    clearTimeout(this.#regaining);
    this.#batches.clear();
    const error = new AnswerError("The connection was lost.", "OFFLINE");
    for (const label of [...this.#labels.keys()]) this.#settle(label, null, error);
    this.dispatchEvent(new Event("lost"));
  }

  // What comes

  #take(line) {
    const message = parse(line);
    if (!message) return;
    if (message.command === "BATCH") {
      this.#batch(message);
    } else if (this.#batches.has(message.tags.batch)) {
      const batch = this.#batches.get(message.tags.batch);
      message.batch = batch.type;
      batch.lines.push(message);
    } else if (message.tags.label && this.#labels.has(message.tags.label)) {
      this.#answered(message.tags.label, [message]);
    } else {
      this.#said(message);
    }
  }

  #batch(message) {
    const [mark = "", type = ""] = message.params;
    const reference = mark.slice(1);
    if (mark.startsWith("+")) {
      const { label = "", batch: parent = "" } = message.tags;
      this.#batches.set(reference, { type, label, parent, lines: [] });
      return;
    }
    const batch = this.#batches.get(reference);
    if (!batch) return;
    this.#batches.delete(reference);
    const parent = this.#batches.get(batch.parent);
    if (parent) parent.lines.push(...batch.lines);
    else if (batch.label) this.#answered(batch.label, batch.lines);
    else for (const line of batch.lines) this.#said(line);
  }

  #answered(label, lines) {
    const wrong = lines.find((each) => /^(FAIL|4\d\d|5\d\d)$/.test(each.command));
    const error = wrong && new AnswerError(wrong.params.at(-1), wrong.params[1]);
    this.#settle(label, lines, error);
  }

  #settle(label, lines, error) {
    const waiting = this.#labels.get(label);
    this.#labels.delete(label);
    if (error) waiting?.reject(error);
    else waiting?.resolve(lines);
  }

  #said(message) {
    const { command, params } = message;
    if (command === "PING") this.send("PONG", ...params);
    else if (command === "CAP") this.#capabilities(params);
    else if (command === "AUTHENTICATE") this.#authenticate();
    else if (command === "903") this.send("CAP", "END");
    else if (/^90[245]$/.test(command)) this.#refused("Name or password is wrong.");
    else if (/^43[2367]$/.test(command) && !this.isWelcome) this.#nameTaken(message);
    else if (/^(46[45]|ERROR)$/.test(command) && !this.wasWelcome) this.#refused(params.at(-1));
    else if (command === "001") this.#welcome(message);
    else if (command === "003") this.#noteCreated(params.at(-1));
    else this.dispatchEvent(new CustomEvent("said", { detail: message }));
  }
}
