// Lists of buttons with one stop for Tab: arrows, Home, End and first letters go
// from one to the next (WAI-ARIA Authoring Practices, "roving tabindex").

const TYPING = 700;

export class Roving {
  #typed = "";
  #typedAt = 0;

  // Of several lists that look like one; `buttons` selects what is stepped through.
  constructor(box, buttons, onDelete = null) {
    this.box = box;
    this.buttons = buttons;
    this.onDelete = onDelete;
    box.addEventListener("keydown", (event) => this.#key(event));
    box.addEventListener("focusin", ({ target }) => {
      if (target.matches(buttons)) this.stopAt(target);
    });
  }

  get #all() {
    return [...this.box.querySelectorAll(this.buttons)];
  }

  // Tab comes to this one from now on; without it, where it came to before.
  stopAt(button = null) {
    const all = this.#all;
    const stop = button ?? all.find((each) => each.tabIndex === 0) ?? all[0];
    for (const each of all) each.tabIndex = each === stop ? 0 : -1;
  }

  #key(event) {
    const { key, target } = event;
    if (!target.matches(this.buttons) || event.altKey || event.ctrlKey || event.metaKey) return;
    const all = this.#all;
    const at = all.indexOf(target);
    const next = {
      ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1,
    }[key] ?? this.#found(key, all, at);
    if (key === "Delete" && this.onDelete) this.onDelete(target);
    if (!all[next]) return;
    event.preventDefault();
    all[next].focus();
  }

  #found(key, all, at) {
    if (key.length > 1 || key === " ") return undefined;
    const now = Date.now();
    this.#typed = (now - this.#typedAt < TYPING ? this.#typed : "") + key.toLowerCase();
    this.#typedAt = now;
    const from = this.#typed.length > 1 ? at : at + 1;
    const order = all.map((_, place) => (from + place) % all.length);
    return order.find((place) => this.#wordsOf(all[place]).startsWith(this.#typed));
  }

  #wordsOf(button) {
    return (button.querySelector(".name")?.textContent ?? "").toLowerCase();
  }
}
