// Telling who does not look: by the browser's notifications, and by the page's icon.

import { byId } from "/dom.js";
import { plainOf } from "/text.js";

const LONGEST = 200;

export class Notifier {
  constructor(page) {
    this.page = page;
    page.model.addEventListener("counted", ({ detail }) => this.#counted(detail));
    page.model.addEventListener("talks", () => this.#drawIcon());
  }

  #counted({ talk, message }) {
    const wanted = this.page.settings.get("notify");
    const isForUs = message.isMention || !talk.isRoom;
    if (wanted === "off" || (wanted === "mentions" && !isForUs)) return;
    if (!document.hidden || window.Notification?.permission !== "granted") return;
    const title = talk.isRoom ? `${message.nick} in ${talk.name}` : message.nick;
    const body = plainOf(message.text).slice(0, LONGEST);
    // One for each talk: the next replaces it.
    const shown = new Notification(title, { body, tag: talk.key, icon: "/icon.svg" });
    shown.onclick = () => {
      window.focus();
      this.page.model.activate(talk);
      shown.close();
    };
  }

  #drawIcon() {
    const href = this.page.model.allMentions ? "/icon-new.svg" : "/icon.svg";
    const icon = byId("page-icon");
    if (!icon.href.endsWith(href)) icon.href = href;
  }
}
