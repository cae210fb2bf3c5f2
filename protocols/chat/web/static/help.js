// What can be typed, and which keys do what.

import { COMMANDS } from "/commands.js";
import { byId, make } from "/dom.js";

const KEYS = [
  [["Enter"], "Send; with Shift, a new line"],
  [["Tab"], "Complete a name, a room or a command"],
  [["↑"], "What was typed before"],
  [["Alt", "↑"], "The room above; with Shift, the next unread"],
  [["Alt", "↓"], "The room below; with Shift, the next unread"],
  [["Ctrl", "K"], "Search"],
  [["Page Up"], "Scroll back"],
  [["Esc"], "Close what is open; down to the latest"],
];

export function showHelp() {
  const keys = KEYS.map(([names, what]) => [
    make("dt", {}, ...names.map((name) => make("kbd", {}, name))), make("dd", {}, what),
  ]);
  const commands = Object.entries(COMMANDS).map(([name, [usage, what]]) => [
    make("dt", {}, make("b", {}, `/${name}`), ` ${usage}`), make("dd", {}, what),
  ]);
  byId("help-commands").replaceChildren(...commands.flat());
  byId("help-keys").replaceChildren(...keys.flat());
  byId("help").showModal();
}
