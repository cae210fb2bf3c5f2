// What may be typed with a slash.

import { isRoom } from "/irc.js";

const roomName = (word) => (isRoom(word) ? word : `#${word}`);

// Each: what stands behind it, what it does, and how.
export const COMMANDS = {
  help: ["", "Show what can be typed", (page) => page.showHelp()],
  join: ["#room [key]", "Join a room", (page, rest) => {
    const [name = "", ...key] = rest.split(/\s+/);
    if (name) page.join(roomName(name), ...key);
    else page.askForRoom();
  }],
  part: ["[reason]", "Leave this room", (page, rest, talk) => page.leaveTalk(talk, rest)],
  msg: ["name words", "Say something to one person", (page, rest) => {
    const [, name, words] = /^(\S+)\s*(.*)$/s.exec(rest) ?? [];
    if (!name) return "Say to whom: /msg name words";
    const talk = page.openTalk(name);
    if (words) page.talking.say(talk, words);
    return "";
  }],
  me: ["does something", "Say what you do", (page, rest, talk) => {
    if (!rest) return "Say what you do: /me waves";
    page.talking.say(talk, rest, true);
    return "";
  }],
  nick: ["name", "Change your name", (page, rest) => {
    if (!rest) return `Your name is ${page.session.name}.`;
    page.session.rename(rest);
    return "";
  }],
  topic: ["[words]", "Show or set what the room is about", (page, rest, talk) => {
    if (!rest) return talk.topic ? `The topic is: ${talk.topic}` : "There is no topic.";
    page.session.send("TOPIC", talk.name, rest);
    return "";
  }],
  who: ["", "Show who is here", (page, rest, talk) => {
    const names = [...talk.members.values()].map((member) => member.name).sort();
    page.showMembers();
    return `In ${talk.name}: ${names.join(", ")}`;
  }],
  list: ["", "Show the rooms that there are", (page) => page.askForRoom()],
  search: ["words", "Search what was said here", (page, rest) => page.showSearch(rest)],
  away: ["[reason]", "Say that you are away, or back", (page, rest) => {
    page.session.send("AWAY", ...(rest ? [rest] : []));
    return rest ? "You are away now." : "You are back.";
  }],
  invite: ["name", "Ask somebody into this room", (page, rest, talk) => {
    page.session.send("INVITE", rest, talk.name);
    return `${rest} was asked in.`;
  }],
  kick: ["name [reason]", "Remove somebody from this room", (page, rest, talk) => {
    const [name, ...reason] = rest.split(" ");
    page.session.send("KICK", talk.name, name, ...(reason.length ? [reason.join(" ")] : []));
  }],
  ignore: ["[name]", "Hide what somebody says, or show who is hidden", (page, rest) => {
    const all = page.events.ignore(rest);
    return all.length ? `You do not see ${all.join(", ")}.` : "You see everybody.";
  }],
  unignore: ["name", "See somebody again", (page, rest) => {
    page.events.unignore(rest);
    return `You see ${rest} again.`;
  }],
  register: ["password", "Make an account of your name", (page, rest) => {
    if (!rest) return "Say which password: /register password";
    page.session.send("REGISTER", "*", "*", rest);
    return "";
  }],
  quit: ["[reason]", "Leave the chat", (page, rest) => page.quit(rest)],
};

const ALIASES = { query: "msg", leave: "part", names: "who", j: "join", w: "msg" };

const WITHOUT_TALK = new Set([
  ...["help", "join", "msg", "nick", "list", "away", "ignore", "unignore", "register", "quit"],
]);

// Do what was typed; the answer is for the user, if there is one.
export function obey(page, line, talk) {
  const [, word = "", rest = ""] = /^\/(\S*)\s*(.*)$/s.exec(line) ?? [];
  const name = ALIASES[word.toLowerCase()] ?? word.toLowerCase();
  const command = COMMANDS[name];
  if (!command) return `There is no /${word}; type /help`;
  if (!talk && !WITHOUT_TALK.has(name)) return "You are in no room; type /join #room";
  return command[2](page, rest.trim(), talk) ?? "";
}
