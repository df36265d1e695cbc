// Talks to the simulator's control API.
const at = "/simulator/api";

async function ask(method, path, body) {
  const asked = { method, headers: {} };
  if (method === "POST") {
    asked.headers["Content-Type"] = "application/json";
    asked.body = JSON.stringify(body ?? {});
  }
  const answer = await fetch(at + path, asked);
  const given = await answer.json();
  if (!answer.ok) throw new Error(given.error ?? String(answer.status));
  return given;
}

export const view = (open) => ask("GET", `/view?open=${open.map(([id, cursor]) => `${id}:${cursor}`).join(",")}`);
export const post = (path, body) => ask("POST", path, body);
export const remove = (path) => ask("DELETE", path);

export function tell(words) {
  document.getElementById("said").textContent = words;
}
