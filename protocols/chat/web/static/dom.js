// Elements, made without a word of markup.

export const byId = (id) => document.getElementById(id);

// An element with properties (data-* and aria-* as attributes) and children.
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) {
      element.setAttribute(name, value);
    } else {
      element[name] = value;
    }
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// A hue for a name, the same for everybody who sees it.
export function hueOf(name) {
  let hash = 2166136261;
  for (const character of name.toLowerCase().replace(/[_|`-]+$/, "")) {
    hash = Math.imul(hash ^ character.codePointAt(0), 16777619);
  }
  return (hash >>> 0) % 360;
}

export function tint(element, name) {
  element.style.setProperty("--hue", hueOf(name));
  return element;
}

// A round sign for somebody.
export function badge(name) {
  const [first = "?"] = name.replace(/^[^\p{L}\p{N}]+/u, "") || name;
  const made = make("span", { className: "badge", "aria-hidden": "true" }, first);
  return tint(made, name);
}

const shortTime = new Intl.DateTimeFormat([], {
  hour: "2-digit", minute: "2-digit", hourCycle: "h23",
});
const longTime = new Intl.DateTimeFormat([], { dateStyle: "full", timeStyle: "medium" });
const wholeDay = new Intl.DateTimeFormat([], { dateStyle: "full" });

export function timeElement(milliseconds) {
  const when = new Date(milliseconds);
  return make(
    "time",
    { dateTime: when.toISOString(), title: longTime.format(when) },
    shortTime.format(when),
  );
}

export const sameDay = (one, other) =>
  new Date(one).toDateString() === new Date(other).toDateString();

export function dayWords(milliseconds, now = Date.now()) {
  if (sameDay(milliseconds, now)) return "Today";
  if (sameDay(milliseconds, now - 86400000)) return "Yesterday";
  return wholeDay.format(new Date(milliseconds));
}

export const count = (number, one, many) => `${number} ${number === 1 ? one : many}`;
