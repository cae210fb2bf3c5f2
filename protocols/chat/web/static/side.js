// The rooms and people at one side, the members of a room at the other.

import { badge, byId, count, make, tint } from "/dom.js";

// So many are drawn; who looks for one among more than that types the name.
const MOST_MEMBERS = 500;

const RANKS = { "@": "keeps order", "+": "has a voice" };

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

  constructor(model) {
    this.model = model;
    for (const name of ["talks", "active"]) {
      model.addEventListener(name, () => this.#drawTalks());
    }
    model.addEventListener("active", () => this.#drawMembers());
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
  }

  #item(talk) {
    const item = this.#items.get(talk) ?? this.#newItem(talk);
    const [open, close] = item.children;
    const { classList } = open;
    const isActive = talk === this.model.active;
    classList.toggle("active", isActive);
    classList.toggle("unread", talk.unread > 0);
    classList.toggle("outside", talk.isRoom && !talk.isJoined);
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
      "button", { type: "button", className: "talk" },
      sign, make("span", { className: "name" }),
      make("span", { className: "count" }, "0", make("span", { className: "unseen" })),
    );
    const what = talk.isRoom ? "Leave" : "Close";
    const close = make(
      "button", { type: "button", className: "close", title: what, "aria-label": `${what} ${talk.name}` },
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
    const rank = (member) => "@+".indexOf(member.ranks[0] ?? " ") >>> 0;
    const both = [talk?.name ?? "", this.model.me].filter(Boolean);
    const here = talk?.isRoom
      ? [...talk.members.values()]
      : both.map((name) => ({ name, ranks: "", isAway: false }));
    const members = here.sort(
      (one, other) => rank(one) - rank(other) || one.name.localeCompare(other.name),
    );
    byId("member-count").textContent = talk?.isRoom ? String(members.length) : "";
    const label = talk?.isRoom ? count(members.length, "member", "members") : "Between you";
    byId("show-members").setAttribute("aria-label", label);
    byId("show-members").hidden = !talk?.isRoom;
    byId("members").querySelector("h2").textContent = label;
    const drawn = this.#drawn;
    this.#drawn = new Map();
    const items = members.slice(0, MOST_MEMBERS).map((member) => {
      const { name, ranks, isAway } = member;
      const what = `${name} ${ranks} ${isAway}`;
      this.#drawn.set(what, drawn.get(what) ?? this.#member(member));
      return this.#drawn.get(what);
    });
    const more = members.length - MOST_MEMBERS;
    if (more > 0) items.push(make("li", { className: "more" }, `and ${more} more`));
    arrange(this.#members, items);
  }

  #member(member) {
    const sign = member.ranks[0] ?? "";
    const rank = sign
      ? make("span", { className: "rank", title: RANKS[sign] ?? "" }, sign)
      : null;
    const button = make(
      "button", { type: "button", className: member.isAway ? "member away" : "member", "data-nick": member.name },
      badge(member.name), tint(make("span", { className: "name" }, member.name), member.name), rank,
    );
    if (member.isAway) button.append(make("span", { className: "unseen" }, " is away"));
    return make("li", {}, button);
  }
}
