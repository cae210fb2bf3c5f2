// What somebody said, as nodes: links, rooms, and mIRC's formatting. Text stays text.

import { make } from "/dom.js";

const FORMATTING =
  /\x03(?:(\d{1,2})(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/g;
const STYLES = {
  "\x02": "bold", "\x11": "mono", "\x16": "reverse", "\x1d": "italic", "\x1e": "struck",
  "\x1f": "underlined",
};
const CODE = /`([^`\n]+)`/g;
const FINDS = /https?:\/\/[^\s<>"“”\x00-\x1f]+|(?<![\p{L}\p{N}_&/#])#[\p{L}\p{N}][\p{L}\p{N}_.-]{0,31}/giu;

// A link ends before the sign that ends the sentence, and before a bracket that was
// opened in front of it.
export function trimmedLink(link) {
  let end = link;
  for (;;) {
    const last = end.at(-1);
    const opener = { ")": "(", "]": "[", "}": "{" }[last];
    const unbalanced = opener && end.split(opener).length < end.split(last).length;
    if (!unbalanced && !/[.,:;!?'*_~]/.test(last)) return end;
    end = end.slice(0, -1);
  }
}

export function safeURL(text) {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) ? url : null;
  } catch {
    return null;
  }
}

function* linked(text) {
  let at = 0;
  for (const found of text.matchAll(FINDS)) {
    const isRoom = found[0].startsWith("#");
    const words = isRoom ? found[0].replace(/[.-]+$/, "") : trimmedLink(found[0]);
    const url = isRoom ? null : safeURL(words);
    if (!isRoom && !url) continue;
    yield text.slice(at, found.index);
    yield isRoom
      ? make("button", { type: "button", className: "room-link", "data-room": words }, words)
      : make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, words);
    at = found.index + words.length;
  }
  yield text.slice(at);
}

// What stands between backquotes is code: nothing in it is a link.
function* coded(text) {
  let at = 0;
  for (const found of text.matchAll(CODE)) {
    yield* linked(text.slice(at, found.index));
    yield make("code", {}, found[1]);
    at = found.index + found[0].length;
  }
  yield* linked(text.slice(at));
}

function styledSpan(text, styles, colour) {
  const names = [...styles];
  if (colour !== null && colour < 16) names.push(`colour-${colour}`);
  const nodes = [...coded(text)].filter((node) => node !== "");
  return names.length ? [make("span", { className: names.join(" ") }, ...nodes)] : nodes;
}

// The nodes of a text.
export function nodesOf(text) {
  const nodes = [];
  const styles = new Set();
  let colour = null;
  let at = 0;
  for (const found of text.matchAll(FORMATTING)) {
    nodes.push(...styledSpan(text.slice(at, found.index), styles, colour));
    at = found.index + found[0].length;
    const style = STYLES[found[0]];
    if (style) {
      if (!styles.delete(style)) styles.add(style);
    } else if (found[0] === "\x0f") {
      styles.clear();
      colour = null;
    } else if (found[0].startsWith("\x03")) {
      colour = found[1] === undefined ? null : Number(found[1]);
    }
  }
  nodes.push(...styledSpan(text.slice(at), styles, colour));
  return nodes;
}

export const plainOf = (text) => text.replace(FORMATTING, "");

// A few emoji and nothing else, which may be larger.
const EMOJI = /^(?:\p{RGI_Emoji}\s?){1,5}$/v;
export const isEmoji = (text) => text.length < 80 && EMOJI.test(text.trim());

// A name that is written the other way round does not turn what stands beside it.
export const apart = (name) =>
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(name) ? `\u2068${name}\u2069` : name;

// Comings and goings, in one line.

const names = (all, most = 3) => {
  const shown = all.length > most + 1 ? all.slice(0, most) : all;
  const rest = all.length - shown.length;
  const words = rest ? [...shown, `${rest} others`] : shown;
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words[0];
};

export function foldedWords(messages) {
  const joined = new Set();
  const left = new Set();
  const visited = new Set();
  const others = [];
  for (const { nick: name, event } of messages) {
    const nick = apart(name);
    if (event.type === "join") {
      if (!left.delete(nick)) joined.add(nick);
    } else if (event.type === "part" || event.type === "quit") {
      if (joined.delete(nick)) visited.add(nick);
      else left.add(nick);
    } else if (event.type === "topic" && event.text) {
      others.push(`${nick} set the topic`);
    } else {
      others.push(eventWords({ nick: name, event }));
    }
  }
  for (const nick of [...joined, ...left]) visited.delete(nick);
  const parts = [];
  if (joined.size) parts.push(`${names([...joined])} joined`);
  if (left.size) parts.push(`${names([...left])} left`);
  if (visited.size) parts.push(`${names([...visited])} looked in`);
  if (others.length > 2) parts.push(`${others.length} other changes`);
  else parts.push(...others);
  return parts.join(" · ") || "Nothing has changed";
}

export function eventWords({ nick: name, event }) {
  const nick = apart(name);
  const reason = event.reason ? ` (${plainOf(event.reason)})` : "";
  switch (event.type) {
    case "join":
      return `${nick} joined`;
    case "part":
      return `${nick} left${reason}`;
    case "quit":
      return `${nick} left the chat${reason}`;
    case "kick":
      return `${nick} was removed by ${apart(event.by)}${reason}`;
    case "nick":
      return `${nick} is now called ${apart(event.name)}`;
    case "topic":
      return event.text
        ? `${nick} set the topic: ${plainOf(event.text)}`
        : `${nick} removed the topic`;
    default:
      return modeWords(nick, event.words);
  }
}

const GIVEN = {
  "+o": (who) => `has ${who} keep order`,
  "-o": (who) => `has ${who} keep order no more`,
  "+v": (who) => `gave ${who} a voice`,
  "-v": (who) => `took the voice of ${who} away`,
};

function modeWords(nick, words) {
  const [change, who, ...more] = words.split(" ");
  const given = who && !more.length ? GIVEN[change] : null;
  return given ? `${nick} ${given(apart(who))}` : `${nick} changed the room: ${words}`;
}
