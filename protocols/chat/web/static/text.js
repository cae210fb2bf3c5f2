// What somebody said, as nodes: links, rooms, and mIRC's formatting. Text stays text.

import { make } from "/dom.js";

const FORMATTING =
  /\x03(?:(\d{1,2})(?:,\d{1,2})?)?|\x04(?:[0-9a-fA-F]{6})?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/g;
const STYLES = {
  "\x02": "bold", "\x11": "mono", "\x16": "reverse", "\x1d": "italic", "\x1e": "struck",
  "\x1f": "underlined",
};
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

function styledSpan(text, styles, colour) {
  const names = [...styles];
  if (colour !== null && colour < 16) names.push(`colour-${colour}`);
  const nodes = [...linked(text)].filter((node) => node !== "");
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
  for (const { nick, event } of messages) {
    if (event.type === "join") {
      if (!left.delete(nick)) joined.add(nick);
    } else if (event.type === "part" || event.type === "quit") {
      if (joined.delete(nick)) visited.add(nick);
      else left.add(nick);
    } else {
      others.push(eventWords({ nick, event }));
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

export function eventWords({ nick, event }) {
  const reason = event.reason ? ` (${plainOf(event.reason)})` : "";
  switch (event.type) {
    case "join":
      return `${nick} joined`;
    case "part":
      return `${nick} left${reason}`;
    case "quit":
      return `${nick} left the chat${reason}`;
    case "kick":
      return `${nick} was removed by ${event.by}${reason}`;
    case "nick":
      return `${nick} is now called ${event.name}`;
    case "topic":
      return event.text
        ? `${nick} set the topic: ${plainOf(event.text)}`
        : `${nick} removed the topic`;
    default:
      return `${nick} changed the room: ${event.words}`;
  }
}
