"""The control API's people: make them, let them speak and tap, read what their phones show."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from simulator import acts, taps
from simulator.platform import Platform

WAIT_MOST = 60.0


def given() -> dict[str, Any]:
    """The JSON object of the request; an empty one for an empty body."""
    body = request.get_json(silent=True) if request.data else {}
    if not isinstance(body, dict):
        raise ValueError("the body must be a JSON object")
    return body


def asked(name: str, default: float) -> float:
    """A number of the query string."""
    return float(request.args.get(name, default))


def people_pages(platform: Platform) -> Blueprint:
    """Routes under /people and /groups."""
    pages = Blueprint("people", __name__)

    def shown(person: str) -> dict[str, Any]:
        known = platform.chats.people.get(person)
        if known is None:
            raise acts.Impossible("there is nobody with this id")
        return asdict(known) | {"menu": taps.menu_of(platform, person), "cursor": platform.chats.cursor}

    @pages.get("/people")
    def everybody() -> Response:
        return jsonify(people=[asdict(person) for person in list(platform.chats.people.values())])

    @pages.post("/people")
    def make() -> tuple[Response, int]:
        body = given()
        person = acts.join(
            platform, str(body.get("name") or "某人"), str(body.get("language", "zh-TW")), user=body.get("id")
        )
        if body.get("follow", True):
            acts.follow(platform, person.id)
        return jsonify(shown(person.id)), 201

    @pages.get("/people/<person>")
    def one(person: str) -> Response:
        return jsonify(shown(person))

    @pages.delete("/people/<person>")
    def take_out(person: str) -> Response:
        acts.leave(platform, person)
        return jsonify({})

    @pages.post("/people/<person>/follows")
    @pages.post("/people/<person>/unblocks", endpoint="unblocks")
    def follows(person: str) -> Response:
        acts.follow(platform, person)
        return jsonify(shown(person))

    @pages.post("/people/<person>/blocks")
    def blocks(person: str) -> Response:
        acts.block(platform, person)
        return jsonify(shown(person))

    @pages.post("/people/<person>/sends")
    def sends(person: str) -> Response:
        body = given()
        return jsonify(acts.send(platform, person, str(body.pop("type", "text")), body).as_json())

    @pages.post("/people/<person>/unsends")
    def unsends(person: str) -> Response:
        acts.unsend(platform, person, str(given().get("message", "")))
        return jsonify({})

    @pages.post("/people/<person>/taps")
    def tap(person: str) -> Response:
        return jsonify(
            acts.perform(platform, person, _action(platform, person, given()), given().get("value"))
        )

    @pages.get("/people/<person>/messages")
    @pages.get("/groups/<person>/messages", endpoint="group_messages")
    def messages(person: str) -> Response:
        since, wait = int(asked("since", 0)), min(asked("wait", 0), WAIT_MOST)
        if wait:
            platform.chats.wait_for(person, since, int(asked("count", 1)), wait)
        with platform.lock:
            found = [e.as_json() for e in platform.chats[person].entries if e.seq > since]
            quick = [action.get("label", "") for action in taps.quick_replies(platform, person)]
            return jsonify(messages=found, cursor=platform.chats.cursor, quick=quick)

    @pages.post("/groups")
    def make_group() -> tuple[Response, int]:
        body = given()
        group = acts.make_group(
            platform,
            str(body.get("name", "群組")),
            list(body.get("members", [])),
            str(body.get("kind", "group")),
        )
        return jsonify(asdict(group)), 201

    @pages.get("/groups/<group>")
    def one_group(group: str) -> Response:
        return jsonify(asdict(platform.chats.groups[group]))

    @pages.delete("/groups/<group>")
    def put_out(group: str) -> Response:
        acts.remove_from_group(platform, group)
        return jsonify({})

    @pages.post("/groups/<group>/sends")
    def group_sends(group: str) -> Response:
        body = given()
        by, kind = str(body.pop("by")), str(body.pop("type", "text"))
        return jsonify(acts.send(platform, by, kind, body, group=group).as_json())

    return pages


def _action(platform: Platform, person: str, body: dict[str, Any]) -> dict[str, Any]:
    """What is tapped: words on something, an area of the menu, bare postback data, or an action itself."""
    if "label" in body:
        return taps.find(platform, person, str(body["label"]), body.get("message"))
    if "area" in body:
        return taps.area(platform, person, int(body["area"]))
    if "data" in body:
        return {"type": "postback", "data": str(body["data"])}
    if isinstance(body.get("action"), dict):
        return dict(body["action"])
    raise ValueError("say what is tapped: label, area, data or action")
