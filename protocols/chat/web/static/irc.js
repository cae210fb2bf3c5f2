// Messages of IRC (RFC 1459, modern.ircdocs.horse) with tags (IRCv3 message-tags).

const ESCAPED = { ":": ";", s: " ", "\\": "\\", r: "\r", n: "\n" };
const ESCAPES = { ";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n" };

export const unescapeTag = (value) =>
  value.replace(/\\(.?)/gs, (_, sign) => ESCAPED[sign] ?? sign);

export const escapeTag = (value) => value.replace(/[; \\\r\n]/g, (sign) => ESCAPES[sign]);

function parseTags(text) {
  const tags = Object.create(null);
  for (const tag of text.split(";")) {
    const at = tag.indexOf("=");
    const name = at < 0 ? tag : tag.slice(0, at);
    if (name) tags[name] = at < 0 ? "" : unescapeTag(tag.slice(at + 1));
  }
  return tags;
}

// A message from its line; null if it is none.
export function parse(line) {
  const found = /^(?:@([^ ]+) +)?(?::([^ ]*) +)?([A-Za-z]+|[0-9]{3})(?: +(.*))?$/s.exec(
    line.replace(/[\r\n\0]+$/, ""),
  );
  if (!found) return null;
  const [, tags = "", source = "", command, rest = ""] = found;
  const params = [];
  let left = rest;
  while (left) {
    if (left.startsWith(":")) {
      params.push(left.slice(1));
      break;
    }
    const at = left.indexOf(" ");
    params.push(at < 0 ? left : left.slice(0, at));
    left = at < 0 ? "" : left.slice(at).replace(/^ +/, "");
  }
  return {
    tags: parseTags(tags),
    source,
    nick: source.split("!", 1)[0],
    command: command.toUpperCase(),
    params,
  };
}

// The line of a message; what could end it too early is left out.
export function format(command, params = [], tags = {}) {
  const words = params.map((param) => String(param).replace(/[\r\n\0]+/g, " "));
  const last = words.length - 1;
  if (last >= 0 && (words[last] === "" || /^:| /.test(words[last]))) {
    words[last] = `:${words[last]}`;
  }
  const pairs = Object.entries(tags).map(([name, value]) =>
    value === "" ? name : `${name}=${escapeTag(String(value))}`,
  );
  const head = pairs.length ? [`@${pairs.join(";")}`] : [];
  return [...head, command, ...words].join(" ");
}

export const timeOf = (message) => {
  const time = Date.parse(message.tags.time ?? "");
  return Number.isNaN(time) ? Date.now() : time;
};

export const isRoom = (name) => /^[#&]/.test(name);

// What two names have in common that are the same for the server.
export const keyOf = (name) => name.normalize("NFKC").toLowerCase();

const encoder = new TextEncoder();
export const octets = (text) => encoder.encode(text).length;

// A text in pieces that fit into messages, cut at spaces where there are any.
export function pieces(text, most) {
  const found = [];
  let piece = "";
  for (const word of text.split(/(?<= )/)) {
    if (octets(piece + word) <= most) {
      piece += word;
      continue;
    }
    if (piece) found.push(piece);
    piece = "";
    for (const character of word) {
      if (octets(piece + character) > most) {
        found.push(piece);
        piece = "";
      }
      piece += character;
    }
  }
  return piece ? [...found, piece] : found;
}

// CTCP ACTION, as /me sends it; null for anything else.
export function actionOf(text) {
  const found = /^\u0001ACTION ?(.*?)\u0001?$/s.exec(text);
  return found ? found[1] : null;
}
