// A WebSocket that comes back.

const FIRST_WAIT = 500;
const LONGEST_WAIT = 30000;
// A server that stops says so (RFC 6455, 7.4.1). Not all pages are to come back to
// the next one at once.
const GOING_AWAY = 1001;
const SPREAD = 3000;
// A connection that says nothing for so long is asked, and then given up.
const QUIET = 45000;
const ANSWER = 20000;

export class Link extends EventTarget {
  #socket = null;
  #timer = 0;
  #attempts = 0;
  #wanted = false;
  #heardAt = 0;
  #askedAt = 0;

  constructor(url) {
    super();
    this.url = url;
    this.state = "offline";
    this.waitsUntil = 0;
    addEventListener("online", () => this.hurry());
    addEventListener("visibilitychange", () => document.hidden || this.hurry());
    setInterval(() => this.#look(), 5000);
  }

  start() {
    this.#wanted = true;
    this.#attempts = 0;
    this.#connect();
  }

  // The end, as the user wants it.
  stop() {
    this.#wanted = false;
    clearTimeout(this.#timer);
    this.#socket?.close(1000);
    this.#lost();
  }

  // The server has taken us: the next loss is a new one.
  settled() {
    this.#attempts = 0;
    this.#become("online");
  }

  send(line) {
    const open = this.#socket?.readyState === WebSocket.OPEN;
    if (open) this.#socket.send(line);
    return open;
  }

  // Cut the connection, and make another.
  drop() {
    this.#socket?.close(4000);
    this.#lost();
  }

  #connect() {
    clearTimeout(this.#timer);
    this.#become("connecting");
    const socket = new WebSocket(this.url, ["text.ircv3.net"]);
    this.#socket = socket;
    const mine = (handle) => (event) => socket === this.#socket && handle(event);
    socket.onopen = mine(() => {
      this.#heard();
      this.dispatchEvent(new Event("open"));
    });
    socket.onmessage = mine((event) => {
      this.#heard();
      this.dispatchEvent(new CustomEvent("line", { detail: String(event.data) }));
    });
    socket.onclose = mine((event) => this.#lost(event.code === GOING_AWAY ? SPREAD : 0));
  }

  #lost(spread = 0) {
    if (!this.#socket) return;
    this.#socket = null;
    this.dispatchEvent(new Event("lost"));
    if (!this.#wanted) {
      this.#become("offline");
      return;
    }
    const longest = Math.min(FIRST_WAIT * 2 ** this.#attempts, LONGEST_WAIT);
    const wait = longest * (0.5 + Math.random() / 2) + spread * Math.random();
    this.#attempts += 1;
    this.waitsUntil = Date.now() + wait;
    this.#timer = setTimeout(() => this.#connect(), wait);
    this.#become("waiting");
  }

  // Do not wait any longer.
  hurry() {
    if (this.state === "waiting") this.#connect();
    else this.#look();
  }

  #heard() {
    this.#heardAt = Date.now();
    this.#askedAt = 0;
  }

  // Whether the other side is still there; a sleeping computer finds it is not.
  #look() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const now = Date.now();
    if (this.#askedAt && now - this.#askedAt > ANSWER) {
      this.drop();
    } else if (!this.#askedAt && now - this.#heardAt > QUIET) {
      this.#askedAt = now;
      this.send("PING :still-there");
    }
  }

  #become(state) {
    if (state === this.state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }
}
