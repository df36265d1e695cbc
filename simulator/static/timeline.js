// Draws what a chat shows: bubbles with their times, days, notes, and the dots while the bot thinks.
import { dress } from "/simulator/messages.js";

const zone = { timeZone: "Asia/Taipei" };
const clock = new Intl.DateTimeFormat("zh-TW", { ...zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const day = new Intl.DateTimeFormat("zh-TW", { ...zone, month: "long", day: "numeric" });
const weekday = new Intl.DateTimeFormat("zh-TW", { ...zone, weekday: "narrow" });
const notes = { followed: "已加入好友", unblocked: "已解除封鎖", blocked: "已封鎖這個帳號" };

export const timeOf = (ms) => clock.format(ms);
export const dayOf = (ms) => `${day.format(ms)}（${weekday.format(ms)}）`;

function make(tag, name, text) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  if (text !== undefined) made.textContent = text;
  return made;
}

function filled(entry) {
  const row = make("div", `entry ${entry.by}`);
  row.dataset.id = entry.id;
  if (entry.note) {
    row.classList.add("note");
    row.append(make("span", "", notes[entry.note] ?? entry.note));
    return row;
  }
  const what = make("div", "what");
  if (entry.sender) what.append(make("p", "sender", entry.sender));
  const drawn = document.createElement("div");
  drawn.innerHTML = entry.html; // Drawn and escaped by line/preview.py.
  dress(drawn);
  what.append(drawn);
  const meta = make("div", "meta");
  if (entry.by === "me" && entry.read) meta.append(make("div", "", "已讀"));
  meta.append(make("div", "", timeOf(entry.at)));
  if (entry.by === "bot") row.append(make("span", "avatar"));
  row.append(what, meta);
  row.classList.toggle("wide", !!drawn.querySelector(".lm-flex, .lm-card, .lm-carousel"));
  row.classList.toggle("gone", !!entry.unsent);
  if (entry.by === "me" && !entry.unsent) { row.tabIndex = 0; row.setAttribute("aria-haspopup", "menu"); }
  return row;
}

export class Timeline {
  constructor(log) {
    this.log = log;
    this.rows = new Map();
    this.lastDay = "";
    this.lastBy = "";
    this.isAtEnd = true;
    // Who reads the newest message goes on seeing it when a menu or the sheet takes room from below.
    log.addEventListener("scroll", () => { this.isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 60; });
    new ResizeObserver(() => { if (this.isAtEnd) this.toEnd(); }).observe(log);
  }

  clear() {
    this.log.replaceChildren();
    this.rows.clear();
    this.lastDay = this.lastBy = "";
  }

  show(entries, isFirst) {
    for (const entry of entries) {
      const row = filled(entry);
      const known = this.rows.get(entry.id);
      if (known) {
        row.classList.toggle("follows", known.classList.contains("follows"));
        known.replaceWith(row);
      } else {
        this.append(entry, row, isFirst);
      }
      this.rows.set(entry.id, row);
    }
    if ((this.isAtEnd || isFirst) && entries.length) this.toEnd();
  }

  append(entry, row, isFirst) {
    const today = dayOf(entry.at);
    if (today !== this.lastDay) this.log.append(make("span", "day", today));
    row.classList.toggle("follows", entry.by === this.lastBy && today === this.lastDay);
    row.classList.toggle("new", !isFirst);
    this.lastDay = today;
    this.lastBy = entry.by;
    this.log.append(row);
  }

  think(isThinking) {
    const dots = this.log.querySelector(".thinking");
    if (isThinking && !dots) {
      const row = make("div", "entry bot thinking");
      const bubble = make("div", "typing");
      bubble.setAttribute("aria-label", "正在輸入");
      bubble.append(make("i"), make("i"), make("i"));
      row.append(make("span", "avatar"), bubble);
      this.log.append(row);
      this.toEnd();
    } else if (dots && (!isThinking || dots.nextElementSibling)) {
      dots.remove();
    }
  }

  toEnd() {
    this.isAtEnd = true;
    this.log.scrollTop = this.log.scrollHeight;
  }
}
