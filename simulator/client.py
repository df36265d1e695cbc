"""Talking to a running simulator: levers, and phones that say, tap and see. For tests, benchmarks and rehearsals."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from simulator.words import plain

PATIENCE = 5.0


class NotPossible(Exception):
    """The simulator said no; the text is its reason."""


@dataclass(frozen=True)
class Shown:
    """A message of the bot's as it stands in a chat."""

    id: str
    message: Mapping[str, Any]
    via: str
    at_ms: int
    seq: int

    @property
    def kind(self) -> str:
        return str(self.message["type"])

    @property
    def text(self) -> str:
        """Every word one can read in it, in order, a line each."""
        return plain(self.message)

    @property
    def quick(self) -> list[str]:
        """Labels of the quick replies it brought."""
        items = (self.message.get("quickReply") or {}).get("items", [])
        return [item["action"].get("label", "") for item in items]


class Simulator:
    """The control API of a simulator at a base URL such as http://127.0.0.1:8000. Thread-safe."""

    def __init__(self, url: str, *, patience: float = 70.0) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port
        self._patience = patience
        self._mine = threading.local()
        self._lines: list[http.client.HTTPConnection] = []

    def __enter__(self) -> Simulator:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Hang up. The simulator goes on."""
        for line in self._lines:
            line.close()

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call of the control API, by its path after /simulator/api. Raises NotPossible."""
        status, raw = self._ask(method, f"/simulator/api{path}", None if body is None else json.dumps(body))
        if status >= 400:
            raise NotPossible(f"{status} {raw.decode(errors='replace').strip()}")
        return json.loads(raw)

    def person(
        self, name: str, language: str = "zh-TW", *, follow: bool = True, user: str | None = None
    ) -> Phone:
        """Somebody new; unless told otherwise they add the account as a friend at once."""
        asked = {"name": name, "language": language, "follow": follow} | ({"id": user} if user else {})
        made = self.call("POST", "/people", asked)
        return Phone(self, made["id"], name)

    def advance(self, **by: float) -> None:
        """Move the clock: seconds=, minutes=, hours=, days=."""
        self.call("POST", "/clock", by)

    def script(self, endpoint: str, *outcomes: Any) -> None:
        """What LINE answers to the next requests at an endpoint ("push", "reply", "sends", "*")."""
        self.call("POST", "/faults", {"endpoint": endpoint, "script": list(outcomes)})

    def always(self, endpoint: str, outcome: Any) -> None:
        self.call("POST", "/faults", {"endpoint": endpoint, "always": outcome})

    def mix(
        self, endpoint: str, weights: Mapping[str, float], *, seed: int, latency_ms: Sequence[int] = (0, 0)
    ) -> None:
        """Faults at random, by weight and seed."""
        self.call(
            "POST",
            "/faults",
            {"endpoint": endpoint, "mix": dict(weights), "seed": seed, "latency_ms": list(latency_ms)},
        )

    def all_well(self) -> None:
        self.call("DELETE", "/faults")

    def webhooks(self, **manners: Any) -> Any:
        """Change how webhooks are delivered (redelivery, duplicate, batch, hold ...); returns their state."""
        return self.call("POST", "/webhook", manners)

    def release(self, *, batch: int = 1, order: str = "as_sent", seed: int = 0) -> int:
        """Deliver what was held back."""
        return int(
            self.call("POST", "/webhook/release", {"batch": batch, "order": order, "seed": seed})["delivered"]
        )

    def raw(self, body: str, signature: str | None = None) -> int:
        """Post any body to the bot; the status it gave."""
        return int(self.call("POST", "/webhook/raw", {"body": body, "signature": signature})["status"])

    def quiet(self, seconds: float = PATIENCE) -> bool:
        """Wait until no webhook is on its way."""
        return bool(self.call("GET", f"/webhook/quiet?wait={seconds}")["quiet"])

    def quota(self, limit: int | None) -> None:
        self.call("POST", "/quota", {"limit": limit})

    def capture(self) -> list[dict[str, Any]]:
        """Every request the bot made so far."""
        _, raw = self._ask("GET", "/simulator/api/capture", None)
        return [json.loads(line) for line in raw.decode("utf-8", "surrogatepass").splitlines() if line]

    def truth(self) -> Any:
        return self.call("GET", "/truth")

    def reset(self) -> None:
        self.call("POST", "/reset", {})

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if method == "POST" else {}
        for is_last in (False, True):
            line = getattr(self._mine, "line", None)
            if line is None:
                line = self._mine.line = http.client.HTTPConnection(
                    self._host, self._port, timeout=self._patience
                )
                self._lines.append(line)
            try:
                line.request(method, path, body, headers)
                answer = line.getresponse()
                return answer.status, answer.read()
            except (ConnectionError, http.client.BadStatusLine):
                # An idle connection may have been closed; ask once more on a new one.
                line.close()
                self._lines.remove(line)
                self._mine.line = None
                if is_last:
                    raise
        raise AssertionError("unreachable")


class Phone:
    """Somebody's phone. What it shows is read with `sees`, which waits for the bot."""

    def __init__(self, simulator: Simulator, user: str, name: str) -> None:
        self._simulator = simulator
        self.user = user
        self.name = name
        self._cursor = 0

    def says(self, text: str) -> str:
        """Send words. Returns the message id."""
        return self.sends("text", text=text)

    def sends(self, kind: str, **what: Any) -> str:
        """Send a message of any kind: text, sticker, image, video, audio, file, location."""
        return str(self._post("sends", {"type": kind, **what})["id"])

    def sends_sticker(self, package: str = "446", sticker: str = "1988") -> str:
        return self.sends("sticker", packageId=package, stickerId=sticker)

    def sends_location(self, title: str, latitude: float, longitude: float, address: str = "") -> str:
        return self.sends("location", title=title, address=address, latitude=latitude, longitude=longitude)

    def taps(self, label: str, *, on: str | None = None, value: str | None = None) -> Any:
        """Tap what bears these words (on an older message: its id). `value` answers a date or time picker."""
        return self._post("taps", {"label": label, "message": on, "value": value})

    def taps_area(self, place: int) -> Any:
        """Tap the n-th area of the rich menu, from 0."""
        return self._post("taps", {"area": place})

    def presses(self, data: str) -> Any:
        """Send a postback with this data, as a button that is long out of sight would."""
        return self._post("taps", {"data": data})

    def unsends(self, message: str) -> None:
        self._post("unsends", {"message": message})

    def follows(self) -> None:
        self._post("follows", {})

    def blocks(self) -> None:
        self._post("blocks", {})

    def unblocks(self) -> None:
        self._post("unblocks", {})

    def sees(self, count: int = 1, wait: float = PATIENCE) -> list[Shown]:
        """What the bot has shown since the last look, as soon as that is `count` messages (or time is up)."""
        found = [one for one in self._read(self._cursor, count, wait) if one["by"] == "bot"]
        if found:
            self._cursor = found[-1]["seq"]
        return [_shown(one) for one in found]

    def history(self) -> list[dict[str, Any]]:
        """Everything the chat shows, own messages too."""
        return self._read(0, 0, 0)

    def offers(self) -> list[str]:
        """Labels of the quick replies above the keyboard now."""
        path = f"/people/{self.user}/messages?{urlencode({'since': self._cursor})}"
        return list(self._simulator.call("GET", path)["quick"])

    def _read(self, since: int, count: int, wait: float) -> list[dict[str, Any]]:
        query = urlencode({"since": since, "count": count, "wait": wait})
        found = self._simulator.call("GET", f"/people/{quote(self.user)}/messages?{query}")
        return list(found["messages"])

    def _post(self, what: str, body: dict[str, Any]) -> Any:
        return self._simulator.call("POST", f"/people/{quote(self.user)}/{what}", body)


def _shown(entry: dict[str, Any]) -> Shown:
    return Shown(entry["id"], entry["message"], entry["via"], entry["at_ms"], entry["seq"])
