// One person's phone, or their LINE on a computer.
import { post, tell } from "./api.js";
import { Bottom } from "./bottom.js";
import { call, offer, pick, place } from "./dialogs.js";
import { Timeline, timeOf } from "./timeline.js";

const template = document.getElementById("phone-template");
const LONG_PRESS = 550;

export class Phone {
  constructor(id, { changed, closed }) {
    this.id = id;
    this.cursor = 0;
    this.changed = changed;
    this.device = template.content.firstElementChild.cloneNode(true);
    this.find = (selector) => this.device.querySelector(selector);
    this.find(".chat-name").textContent = document.body.dataset.account;
    this.timeline = new Timeline(this.find(".log"));
    this.bottom = new Bottom(this.device, this);
    this.find('[data-do="close"]').addEventListener("click", closed);
    this.find('[data-do="block"]').addEventListener("click", () => this.act(this.blocked ? "unblocks" : "blocks", {}));
    this.find('[data-do="follow"]').addEventListener("click", () => this.act("follows", {}));
    this.find('[data-do="view"]').addEventListener("click", () => this.look(this.device.dataset.view === "pc" ? "phone" : "pc"));
    this.look(localStorage.getItem(`view-${id}`) ?? "phone");
    this.listen();
  }

  listen() {
    const log = this.find(".log");
    log.addEventListener("click", (event) => {
      const pressed = event.target.closest("[data-action]");
      if (!pressed) return;
      const action = JSON.parse(pressed.dataset.action);
      if (action.type === "uri" && !action.uri.startsWith("tel:")) return; // The link opens by itself.
      event.preventDefault();
      this.perform(action);
    });
    log.addEventListener("contextmenu", (event) => {
      if (this.offerUnsend(event.target, event.clientX, event.clientY)) event.preventDefault();
    });
    let held;
    log.addEventListener("pointerdown", (event) => {
      held = setTimeout(() => this.offerUnsend(event.target, event.clientX, event.clientY), LONG_PRESS);
    });
    for (const name of ["pointerup", "pointercancel", "pointermove"]) log.addEventListener(name, () => clearTimeout(held));
    log.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.classList.contains("entry")) return;
      const at = event.target.getBoundingClientRect();
      this.offerUnsend(event.target, at.right - 140, at.top);
    });
  }

  offerUnsend(target, x, y) {
    const row = target.closest(".entry.me");
    if (!row || row.classList.contains("gone")) return false;
    offer(x, y, () => this.act("unsends", { message: row.dataset.id }));
    return true;
  }

  look(view) {
    this.device.dataset.view = view;
    localStorage.setItem(`view-${this.id}`, view);
    this.find('[data-do="view"]').textContent = view === "pc" ? "改看手機" : "改看電腦版";
    this.find(".pc-hint").hidden = view !== "pc";
    this.timeline.toEnd();
  }

  async act(what, body) {
    try {
      await post(`/people/${this.id}/${what}`, body);
    } catch (error) {
      tell(error.message);
    }
    this.changed();
  }

  say(text) { this.act("sends", { type: "text", text }); }
  sends(what) { this.act("sends", what); }

  async sendsKind(kind) {
    const more = kind === "location" ? await place() : {};
    if (more) this.sends({ type: kind, ...more });
  }

  async perform(action) {
    if (action.type === "uri") {
      if (action.uri.startsWith("tel:")) call(action.uri.slice(4));
      else open(action.uri, "_blank", "noopener");
      return;
    }
    if (action.type === "clipboard") { navigator.clipboard?.writeText(action.clipboardText); return; }
    if (action.type === "location") { this.sendsKind("location"); return; }
    const value = action.type === "datetimepicker" ? await pick(action) : undefined;
    if (value === null) return;
    if (action.inputOption === "openKeyboard") {
      this.bottom.type(true);
      if (action.fillInText) this.find(".words").value = action.fillInText;
    }
    this.act("taps", { action, value });
  }

  show(screen, now) {
    this.find(".status-time").textContent = timeOf(now);
    const isFirst = this.cursor === 0;
    this.cursor = screen.cursor;
    if (!screen.entries) return;
    this.blocked = screen.blocked;
    this.device.setAttribute("aria-label", `${screen.name}的手機`);
    this.find(".log").setAttribute("aria-label", `${screen.name}的對話`);
    this.find(".owner").textContent = screen.name;
    this.find('[data-do="block"]').textContent = screen.blocked ? "解除封鎖" : "封鎖";
    this.device.classList.toggle("blocked", screen.blocked);
    const banner = this.find(".banner");
    banner.hidden = screen.friend && !screen.blocked;
    this.find(".banner-words").textContent = screen.blocked ? "您已封鎖這個帳號，不會再收到訊息。" : "您還沒有加入這個帳號。";
    this.find('[data-do="follow"]').hidden = screen.blocked;
    this.bottom.menu(screen.menu);
    this.timeline.show(screen.entries, isFirst);
    const fresh = JSON.stringify(screen.quick);
    if (fresh !== this.quick) {
      this.quick = fresh;
      this.bottom.quick(screen.quick);
      this.timeline.toEnd();
    }
    this.timeline.think(screen.loading);
  }

  forget() {
    this.cursor = 0;
    this.quick = undefined;
    this.timeline.clear();
  }
}
