// What opens over the phones: a call, a date picker, a place, the menu on one's own message.
const byId = (id) => document.getElementById(id);

export function call(number) {
  byId("calling-number").textContent = number;
  byId("calling").showModal();
}

function answered(dialog) {
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "ok"), { once: true });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

export async function pick(action) {
  const input = byId("picker-input");
  input.type = { date: "date", time: "time", datetime: "datetime-local" }[action.mode];
  byId("picker-title").textContent = action.label || "請選擇";
  input.min = action.min ?? "";
  input.max = action.max ?? "";
  input.value = action.initial ?? "";
  return (await answered(byId("picker"))) ? input.value.slice(0, 16) : null;
}

export async function place() {
  if (!(await answered(byId("place")))) return null;
  return { title: byId("place-name").value, address: byId("place-address").value, latitude: 25.0375, longitude: 121.5637 };
}

export function offer(x, y, then) {
  const menu = byId("context");
  const button = menu.querySelector("button");
  menu.hidden = false;
  menu.style.left = `${Math.min(x, innerWidth - 140)}px`;
  menu.style.top = `${Math.min(y, innerHeight - 60)}px`;
  button.onclick = () => { menu.hidden = true; then(); };
  button.focus();
}

addEventListener("pointerdown", (event) => {
  if (!byId("context").contains(event.target)) byId("context").hidden = true;
});
addEventListener("keydown", (event) => {
  if (event.key === "Escape") byId("context").hidden = true;
});
