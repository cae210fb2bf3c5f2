// What the browser remembers; it may be forbidden to, and then forgets.

const PREFIX = "chat.";

export function kept(name, otherwise, store = () => localStorage) {
  try {
    return JSON.parse(store().getItem(PREFIX + name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

export function keep(name, value, store = () => localStorage) {
  try {
    store().setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Then not.
  }
}
