"""How LINE says no: a status, a message, and details naming the property. Handle them by status, never by text."""

from __future__ import annotations

from typing import Any

from line.shapes import Findings


class Refusal(Exception):
    """An answer of LINE's other than success. Nothing was sent (409: it was sent before)."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: list[dict[str, str]] | None = None,
        headers: dict[str, str] | None = None,
        sent: list[dict[str, str]] | None = None,
    ) -> None:
        super().__init__(status)
        self.status = status
        self.headers = headers or {}
        self.body: dict[str, Any] = {"message": message}
        if details:
            self.body["details"] = details
        if sent:
            self.body["sentMessages"] = sent


def invalid(found: Findings) -> Refusal:
    """400 for a body with these faults; a Flex message is reported the way LINE reports Flex."""
    for path, _ in found:
        message, dot, _rest = path.partition(".contents")
        if dot and message.startswith("messages["):
            inside = [
                {"message": objection, "property": _pointer(at.removeprefix(message + ".contents"))}
                for at, objection in found
                if at.startswith(message + ".contents")
            ]
            return Refusal(400, f"A message ({message}) in the request body is invalid", details=inside)
    details = [{"message": objection, "property": path} for path, objection in found]
    return Refusal(400, f"The request body has {len(found)} error(s)", details=details)


def _pointer(path: str) -> str:
    return path.replace("[", "/").replace("]", "").replace(".", "/") or "/"


def property_invalid(name: str) -> Refusal:
    return Refusal(400, f"The property, '{name}', in the request body is invalid (line: -, column: -)")


def not_found() -> Refusal:
    return Refusal(404, "Not found")


def rate_exceeded() -> Refusal:
    return Refusal(429, "The API rate limit has been exceeded. Try again later.")


def quota_exceeded() -> Refusal:
    return Refusal(429, "You have reached your monthly limit.")
