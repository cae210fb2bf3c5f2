// Coming in: a name, a room, perhaps a password; and coming back.

import { byId } from "/dom.js";
import { isRoom } from "/irc.js";
import { keep, kept } from "/keeping.js";

// The server has written there which room comes first.
const firstRoom = () => byId("login-room").placeholder;
// As long as the tab is open.
const TAB = () => sessionStorage;

export class LoginView {
  #form = byId("login-form");
  #error = byId("login-error");
  #isIn = false;
  #hasPassword = false;

  constructor(page) {
    this.page = page;
    this.rooms = [firstRoom()];
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  // The room that the address names: such a link can be handed on.
  get asked() {
    try {
      const name = decodeURIComponent(location.hash);
      return name.length > 1 ? name : "";
    } catch {
      return "";
    }
  }

  // The name and the rooms are those of last time; who only reloads the page goes on.
  start() {
    const { name = "", rooms = [] } = kept("last", {});
    const all = [...new Set([this.asked, ...rooms].filter(Boolean))];
    this.rooms = all.length ? all : [firstRoom()];
    byId("login-name").value = name;
    byId("login-room").value = this.rooms[0];
    if (kept("isIn", false, TAB) && name) this.#begin(name, "", true);
    else byId("login-name").focus();
  }

  #submit() {
    const name = byId("login-name").value.trim();
    const room = byId("login-room").value.trim() || firstRoom();
    const wanted = isRoom(room) ? room : `#${room}`;
    this.rooms = [wanted, ...this.rooms.filter((each) => each !== wanted)].slice(0, 20);
    if (name) this.#begin(name, byId("login-password").value, false, byId("login-register").checked);
  }

  #begin(name, password, comesBack = false, isNew = false) {
    this.#error.hidden = true;
    this.#hasPassword = Boolean(password);
    this.#busy(true);
    this.page.session.begin(name, password, comesBack, isNew);
  }

  #busy(isBusy) {
    const button = this.#form.querySelector("button[type=submit]");
    button.disabled = isBusy;
    button.textContent = isBusy ? "Joining…" : "Join";
  }

  entered() {
    this.#isIn = true;
    byId("login").hidden = true;
    byId("chat").hidden = false;
    byId("login-password").value = "";
    this.#busy(false);
    this.remember();
  }

  refused(reason) {
    this.#show();
    this.#complain(reason);
    byId("login-name").select();
  }

  // The first connection may take several attempts.
  connecting(state) {
    if (!this.#isIn && state === "waiting") this.#complain("No connection; trying again…");
  }

  #complain(words) {
    this.#error.textContent = words;
    this.#error.hidden = false;
  }

  left() {
    this.#show();
    history.replaceState(null, "", location.pathname);
    for (const talk of [...this.page.model.talks.values()]) this.page.model.close(talk);
    byId("login-name").focus();
  }

  #show() {
    this.#isIn = false;
    keep("isIn", false, TAB);
    byId("chat").hidden = true;
    byId("login").hidden = false;
    this.#busy(false);
  }

  remember() {
    if (!this.#isIn) return;
    const talks = [...this.page.model.talks.values()];
    const rooms = talks.filter((talk) => talk.isRoom).map((talk) => talk.name);
    const { session } = this.page;
    if (rooms.length) keep("last", { name: session.name, rooms });
    keep("isIn", !this.#hasPassword, TAB);
  }
}
