// The rooms and people at one side, the members of a room at the other.

import { badge, byId, count, make, tint } from "/dom.js";
import { Roving } from "/roving.js";

// So many are drawn; from so many on there is a field to find one.
const MOST_MEMBERS = 500;
const MANY = 20;

const RANKS = [["@", "Keeping order"], ["+", "With a voice"], ["", "Members"]];

// Put items in a list. What is there stays: a click must not miss what is drawn anew
// under it.
function arrange(list, wanted) {
  const kept = new Set(wanted);
  for (const item of [...list.children]) if (!kept.has(item)) item.remove();
  wanted.forEach((item, place) => {
    const there = list.children[place] ?? null;
    if (there !== item) list.insertBefore(item, there);
  });
}

export class SideView {
  #rooms = byId("rooms");
  #people = byId("people");
  #members = byId("member-list");
  #items = new WeakMap();
  #drawn = new Map();
  #drawing = 0;
  #filter = byId("member-filter");

  constructor(model) {
    this.model = model;
    const talks = byId("talks");
    this.talkStop = new Roving(talks, ".talk", ({ parentElement }) => parentElement.children[1].click());
    this.memberStop = new Roving(this.#members, ".member");
    this.#filter.addEventListener("input", () => this.#drawMembers());
    talks.addEventListener("scroll", () => this.#drawBelow(), { passive: true });
    new ResizeObserver(() => this.#drawBelow()).observe(talks);
    byId("below").addEventListener("click", () => this.#unreadBelow()?.focus());
    for (const name of ["talks", "active"]) {
      model.addEventListener(name, () => this.#drawTalks());
    }
    model.addEventListener("active", () => {
      this.#filter.value = "";
      this.#drawMembers();
      const open = talks.querySelector(".talk.active");
      open?.scrollIntoView({ block: "nearest" });
      this.talkStop.stopAt(open);
    });
    model.addEventListener("members", ({ detail }) => {
      if (detail.talk === model.active) this.#drawMembersSoon();
    });
  }

  #drawTalks() {
    const all = this.model.ordered;
    const items = (talks) => talks.map((talk) => this.#item(talk));
    arrange(this.#rooms, items(all.filter((talk) => talk.isRoom)));
    arrange(this.#people, items(all.filter((talk) => !talk.isRoom)));
    byId("people-heading").hidden = all.every((talk) => talk.isRoom);
    byId("elsewhere").hidden = !all.some((talk) => talk !== this.model.active && talk.mentions);
    const found = this.model.allMentions;
    const where = this.model.active ? `${this.model.active.name} – ` : "";
    document.title = `${found ? `(${found}) ` : ""}${where}Chat`;
    this.talkStop.stopAt();
    this.#drawBelow();
  }

  // The first unread talk that is too far down to be seen.
  #unreadBelow() {
    const edge = byId("talks").getBoundingClientRect().bottom - 12;
    return [...byId("talks").querySelectorAll(".talk.unread")].find(
      (each) => each.getBoundingClientRect().top > edge,
    );
  }

  #drawBelow() {
    byId("below").hidden = !this.#unreadBelow();
  }

  #item(talk) {
    const item = this.#items.get(talk) ?? this.#newItem(talk);
    const [open, close] = item.children;
    const { classList } = open;
    const isActive = talk === this.model.active;
    classList.toggle("active", isActive);
    classList.toggle("unread", talk.unread > 0);
    classList.toggle("outside", talk.isRoom && !talk.isJoined);
    open.title = talk.isRoom && !talk.isJoined ? `${talk.name}: you are not in it just now` : talk.name;
    if (isActive) open.setAttribute("aria-current", "true");
    else open.removeAttribute("aria-current");
    const number = talk.mentions || talk.unread;
    const mark = open.querySelector(".count");
    mark.hidden = !number;
    mark.classList.toggle("mentioned", talk.mentions > 0);
    mark.firstChild.data = number > 99 ? "99+" : String(number);
    mark.lastChild.textContent = talk.mentions ? " for you" : " unread";
    open.querySelector(".name").textContent = talk.name.replace(/^#/, "");
    open.dataset.talk = talk.key;
    close.dataset.close = talk.key;
    return item;
  }

  #newItem(talk) {
    const sign = talk.isRoom
      ? make("span", { className: "sign", "aria-hidden": "true" }, "#")
      : badge(talk.name);
    const open = make(
      "button", { type: "button", className: "talk", tabIndex: -1 },
      sign, make("span", { className: "name", dir: "auto" }),
      make("span", { className: "count" }, "0", make("span", { className: "unseen" })),
    );
    const what = talk.isRoom ? "Leave" : "Close";
    const close = make(
      "button", { type: "button", className: "close", tabIndex: -1, title: what, "aria-label": `${what} ${talk.name}` },
      "×",
    );
    const item = make("li", {}, open, close);
    this.#items.set(talk, item);
    return item;
  }

  // Many come and go in one turn; they are drawn once.
  #drawMembersSoon() {
    this.#drawing ||= requestAnimationFrame(() => this.#drawMembers());
  }

  #drawMembers() {
    this.#drawing = 0;
    const talk = this.model.active;
    const both = [talk?.name ?? "", this.model.me].filter(Boolean);
    const here = talk?.isRoom
      ? [...talk.members.values()]
      : both.map((name) => ({ name, ranks: "", isAway: false }));
    const label = talk?.isRoom ? count(here.length, "member", "members") : "Between you";
    byId("member-count").textContent = talk?.isRoom ? String(here.length) : "";
    byId("show-members").setAttribute("aria-label", label);
    byId("show-members").hidden = !talk?.isRoom;
    byId("members").querySelector("h2").textContent = label;
    this.#filter.hidden = here.length < MANY;
    const sought = this.#filter.value.trim().toLowerCase();
    const members = here
      .filter(({ name }) => name.toLowerCase().includes(sought))
      .sort((one, other) => one.name.localeCompare(other.name));
    arrange(this.#members, this.#itemsOf(members));
    this.memberStop.stopAt();
  }

  // By rank, each with a heading if there is more than one.
  #itemsOf(members) {
    const drawn = this.#drawn;
    this.#drawn = new Map();
    const once = (key, makeIt) => {
      this.#drawn.set(key, drawn.get(key) ?? makeIt());
      return this.#drawn.get(key);
    };
    const shown = members.slice(0, MOST_MEMBERS);
    const isRanked = shown.some(({ ranks }) => /[@+]/.test(ranks));
    const items = [];
    for (const [sign, words] of RANKS) {
      const these = shown.filter(({ ranks }) => (/[@+]/.exec(ranks)?.[0] ?? "") === sign);
      if (these.length && isRanked) items.push(once(words, () => make("li", { className: "rank" }, words)));
      for (const { name, isAway } of these) {
        items.push(once(`${name} ${sign} ${isAway}`, () => this.#member(name, isAway)));
      }
    }
    const more = members.length - shown.length;
    if (more > 0) items.push(make("li", { className: "more" }, `and ${more} more`));
    if (!members.length) items.push(make("li", { className: "more" }, "Nobody of that name"));
    return items;
  }

  #member(name, isAway) {
    const words = make("span", { className: "name", dir: "auto" }, name);
    const button = make(
      "button", { type: "button", className: "member", tabIndex: -1, "data-nick": name, title: name },
      badge(name), words,
    );
    if (isAway) {
      button.classList.add("away");
      button.append(make("small", {}, "away"));
    }
    return make("li", {}, button);
  }
}
