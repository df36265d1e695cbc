"""LINE's webhook: check the signature over the raw bytes, make the events durable, answer 200. The rest comes after."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from flask import Blueprint, Response, request

from bot.intake import NotKept
from line import signature
from line.events import Event

LARGEST_BODY = 2 * 1024 * 1024


class Door(Protocol):
    """What the webhook asks of the process it runs in."""

    def take(self, body: bytes) -> list[Event]:
        """Make a body's events durable; returns the new ones. Raises NotKept."""
        ...

    def after(self, fresh: Sequence[Event]) -> None:
        """The 200 is out: answer what cannot wait, wake the rest."""
        ...

    def answer_now(self, body: bytes) -> None:
        """Nothing could be kept: answer what cannot wait before the 503."""
        ...


def blueprint(door: Door, secrets: Callable[[], Sequence[str]]) -> Blueprint:
    page = Blueprint("webhook", __name__)

    @page.post("/callback")
    def callback() -> Response:
        body = request.get_data(cache=False)
        if not signature.is_valid(body, request.headers.get(signature.HEADER), secrets()):
            return Response("signature", 400)
        try:
            fresh = door.take(body)
        except NotKept:
            door.answer_now(body)
            return Response("not kept", 503)
        response = Response("OK", 200)
        if fresh:
            response.call_on_close(lambda: door.after(fresh))
        return response

    return page
