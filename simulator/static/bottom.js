// The bottom of a phone: keyboard, rich menu, quick replies, and the sheet of other things to send.
const faces = document.getElementById("faces");

export class Bottom {
  constructor(device, phone) {
    this.find = (selector) => device.querySelector(selector);
    this.phone = phone;
    this.menuId = "";
    this.isTyping = false;
    this.isOpen = false;
    this.wire();
  }

  wire() {
    const words = this.find(".words");
    let composing = false;
    // While a Chinese input method is composing, Enter chooses a word: it must not send.
    words.addEventListener("compositionstart", () => { composing = true; });
    words.addEventListener("compositionend", () => { setTimeout(() => { composing = false; }); });
    words.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || composing || event.isComposing || event.keyCode === 229) return;
      event.preventDefault();
      this.send();
    });
    words.addEventListener("input", () => this.grow());
    this.find(".compose").addEventListener("submit", (event) => { event.preventDefault(); this.send(); });
    this.find(".more").addEventListener("click", () => this.sheet(this.find(".sheet").hidden));
    this.find(".faces").append(faces.content.cloneNode(true));
    this.find(".sheet").addEventListener("click", (event) => this.other(event.target.closest("button")));
    this.find(".keyboard").addEventListener("click", () => this.type(true));
    this.find(".menu-toggle").addEventListener("click", () => { this.isOpen = true; this.type(false); });
    this.find(".bar-text").addEventListener("click", () => { this.isOpen = !this.isOpen; this.arrange(); });
  }

  send() {
    const words = this.find(".words");
    const text = words.value.trim();
    if (!text) return;
    words.value = "";
    this.grow();
    this.phone.say(text);
  }

  grow() {
    const words = this.find(".words");
    words.style.height = "auto";
    words.style.height = `${Math.min(words.scrollHeight, 110)}px`;
  }

  other(button) {
    if (!button) return;
    this.sheet(false);
    if (button.dataset.sticker) this.phone.sends({ type: "sticker", packageId: "446", stickerId: button.dataset.sticker });
    else this.phone.sendsKind(button.dataset.send);
  }

  sheet(isOpen) {
    this.find(".sheet").hidden = !isOpen;
    this.find(".more").setAttribute("aria-expanded", String(isOpen));
  }

  type(isTyping) {
    this.isTyping = isTyping;
    this.arrange();
    if (isTyping) this.find(".words").focus();
    else this.find(".bar-text").focus();
  }

  arrange() {
    const has = !!this.menuId;
    const showsBar = has && !this.isTyping;
    this.find(".compose").hidden = showsBar;
    this.find(".bar").hidden = !showsBar;
    this.find(".menu").hidden = !(showsBar && this.isOpen);
    this.find(".menu-toggle").hidden = !has;
    this.find(".bar-text").setAttribute("aria-expanded", String(this.isOpen));
    if (showsBar) this.sheet(false);
  }

  menu(menu) {
    if ((menu?.id ?? "") === this.menuId) return;
    this.menuId = menu?.id ?? "";
    const box = this.find(".menu");
    box.replaceChildren();
    if (menu) {
      this.isOpen = menu.selected;
      this.find(".bar-text").textContent = menu.bar;
      const picture = document.createElement("img");
      picture.src = `/simulator/menus/${menu.id}`;
      picture.alt = "";
      box.append(picture, ...menu.areas.map((area) => this.area(area, menu)));
    }
    this.arrange();
  }

  area(area, menu) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-label", area.label || "選單");
    for (const [name, part, whole] of [["left", area.x, menu.width], ["top", area.y, menu.height],
      ["width", area.width, menu.width], ["height", area.height, menu.height]]) {
      button.style.setProperty(name, `${(100 * part) / whole}%`);
    }
    button.addEventListener("click", () => this.phone.perform(area.action));
    return button;
  }

  quick(actions) {
    const row = this.find(".quick");
    row.hidden = !actions.length;
    row.replaceChildren(...actions.map((action) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = action.label;
      button.addEventListener("click", () => this.phone.perform(action));
      return button;
    }));
    row.scrollLeft = 0;
  }
}
