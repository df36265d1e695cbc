// The presenter's panel: clock, LINE's mood, lock screen, who is here.
import { post, remove, tell } from "./api.js";
import { dayOf, timeOf } from "./timeline.js";

const byId = (id) => document.getElementById(id);
const NOTES = 4;

export class Panel {
  constructor({ changed, opened }) {
    this.changed = changed;
    this.opened = opened;
    this.notes = new Map();
    this.wire();
  }

  wire() {
    const panel = byId("panel");
    const toggle = byId("panel-toggle");
    const show = (isOpen) => {
      panel.hidden = !isOpen;
      toggle.setAttribute("aria-expanded", String(isOpen));
      localStorage.setItem("panel", isOpen ? "open" : "closed");
    };
    show((localStorage.getItem("panel") ?? (innerWidth > 900 ? "open" : "closed")) === "open");
    toggle.addEventListener("click", () => show(panel.hidden));
    panel.addEventListener("click", (event) => {
      const seconds = Number(event.target.dataset?.advance);
      if (seconds) this.pull(post("/clock", { seconds }));
    });
    byId("faults").addEventListener("change", (event) => this.fault(event.target.value));
    byId("redelivery").addEventListener("change", (event) => this.pull(post("/webhook", { redelivery: event.target.checked })));
  }

  async fault(value) {
    await this.pull(remove("/faults"));
    if (value) await this.pull(post("/faults", { endpoint: "*", always: value }));
  }

  async pull(asked) {
    try { await asked; } catch (error) { tell(error.message); }
    this.changed();
  }

  show(levers, people, open) {
    byId("clock").textContent = `${dayOf(levers.now)} ${timeOf(levers.now)}`;
    const ahead = Math.round(levers.offset / 60);
    byId("clock-offset").textContent = ahead ? `比現在快 ${spoken(ahead)}` : "與現在同步";
    byId("calls").textContent = levers.calls;
    byId("quota").textContent = levers.quota === null ? `本月已推播 ${levers.used} 則` : `本月已推播 ${levers.used}／${levers.quota} 則`;
    byId("redelivery").checked = levers.redelivery;
    const chosen = byId("faults").querySelector(`[value="${levers.fault ?? ""}"]`);
    if (chosen) chosen.checked = true;
    document.querySelector(".lock-time").textContent = timeOf(levers.now);
    document.querySelector(".lock-date").textContent = dayOf(levers.now);
    this.people(people, open);
  }

  people(people, open) {
    const seen = JSON.stringify([people, open]);
    if (seen === this.seen) return;
    this.seen = seen;
    byId("people").replaceChildren(...people.map((person) => {
      const row = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = person.name + (person.blocked ? "（已封鎖）" : "");
      const button = document.createElement("button");
      button.className = "quiet";
      button.textContent = open.includes(person.id) ? "收起" : "拿出手機";
      button.addEventListener("click", () => this.opened(person.id, !open.includes(person.id)));
      row.append(name, button);
      return row;
    }));
  }

  notify(name, entries) {
    for (const entry of entries) if (entry.notice && !entry.quiet) this.notes.set(entry.id, { name, ...entry });
    const last = [...this.notes.values()].sort((a, b) => b.seq - a.seq).slice(0, NOTES);
    document.querySelector(".lock-none").hidden = last.length > 0;
    document.querySelector(".lock-notes").replaceChildren(...last.map(noteOf));
  }
}

function noteOf(note) {
  const made = document.createElement("div");
  made.className = "lock-note";
  const head = document.createElement("header");
  const [who, when] = [document.createElement("span"), document.createElement("span")];
  who.textContent = `${document.body.dataset.account} → ${note.name}`;
  when.textContent = timeOf(note.at);
  head.append(who, when);
  const words = document.createElement("p");
  words.textContent = note.notice;
  made.append(head, words);
  return made;
}

function spoken(minutes) {
  const [days, hours, rest] = [Math.floor(minutes / 1440), Math.floor((minutes % 1440) / 60), minutes % 60];
  return [days && `${days} 天`, hours && `${hours} 小時`, rest && `${rest} 分`].filter(Boolean).join(" ");
}
