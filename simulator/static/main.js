// Keeps the phones on the page in step with the simulator: asks a few times a second what has changed.
import { post, tell, view } from "./api.js";
import { Panel } from "./panel.js";
import { Phone } from "./phone.js";

const EVERY = 400;
const FIRST = 3;
const phones = new Map();
const room = document.getElementById("phones");
const panel = new Panel({ changed: () => poll(), opened: (id, isOpen) => (isOpen ? open(id) : close(id)) });
let chosen = JSON.parse(localStorage.getItem("open") ?? "null");
let run;
let asking = null;
let again = false;

function keep() {
  chosen = [...phones.keys()];
  localStorage.setItem("open", JSON.stringify(chosen));
}

function open(id) {
  if (phones.has(id)) return;
  const phone = new Phone(id, { changed: () => poll(), closed: () => close(id) });
  phones.set(id, phone);
  room.append(phone.device);
  keep();
  poll();
}

function close(id) {
  phones.get(id)?.device.remove();
  phones.delete(id);
  keep();
  poll();
}

function poll() {
  if (asking) { again = true; return asking; }
  asking = refresh().catch(() => tell("模擬器沒有回應")).finally(() => {
    asking = null;
    if (again) { again = false; poll(); }
  });
  return asking;
}

async function refresh() {
  const seen = await view([...phones].map(([id, phone]) => [id, phone.cursor]));
  if (run && run !== seen.run) for (const phone of phones.values()) phone.forget();
  const isNew = run !== seen.run;
  run = seen.run;
  const here = seen.people.map((person) => person.id);
  for (const id of [...phones.keys()]) if (!here.includes(id)) close(id);
  if (isNew) {
    const wanted = (chosen ?? []).filter((id) => here.includes(id));
    for (const id of wanted.length || chosen?.length === 0 ? wanted : here.slice(0, FIRST)) open(id);
    if (!wanted.length && here.length && !phones.size && chosen?.length !== 0) open(here[0]);
  }
  for (const screen of seen.screens) {
    const phone = phones.get(screen.id);
    if (!phone || (isNew && phone.cursor === 0 && !screen.entries)) continue;
    phone.show(screen, seen.levers.now);
    panel.notify(screen.name ?? "", screen.entries ?? []);
  }
  document.getElementById("empty").hidden = phones.size > 0;
  panel.show(seen.levers, seen.people, [...phones.keys()]);
}

document.getElementById("add").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const name = form.elements.name.value.trim() || `訪客 ${phones.size + 1}`;
  try {
    const person = await post("/people", { name, language: form.elements.language.value });
    form.reset();
    open(person.id);
  } catch (error) {
    tell(error.message);
  }
});

// Pressed before this script was there, it would have sent the form and lost the name.
document.querySelector("#add button").disabled = false;

// Chromium keeps some of what it shaped before a fallback font had come; laying the page out anew makes it look again.
document.fonts.load('16px "EAP Noto"').then(() => {
  document.documentElement.classList.add("lettered");
  setTimeout(() => {
    for (const part of document.querySelectorAll("header, aside section")) {
      part.hidden = true;
      void part.offsetHeight;
      part.hidden = false;
    }
  }, 200);
});
poll();
setInterval(() => { if (!document.hidden) poll(); }, EVERY);
