"""The phones in the browser: the page, and what has changed on the screens since the browser last asked."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, send_from_directory

from line import preview, stickers
from simulator import taps
from simulator.chats import Entry, Person
from simulator.platform import Platform

ENTRIES_MOST = 400
PEOPLE_MOST = 200
_PUSHED = {"push", "multicast", "broadcast", "narrowcast"}


def phone_pages(platform: Platform) -> Blueprint:
    """The page at /simulator and the view it polls."""
    pages = Blueprint("phones", __name__, url_prefix="/simulator")
    # A browser that outlives us must notice, for our cursors start anew.
    run = secrets.token_hex(4)

    @pages.get("/", strict_slashes=False)
    def page() -> str:
        faces = [(sticker, stickers.mood(sticker), stickers.face(sticker)) for sticker in stickers.OFFERED]
        return render_template("phones.html", name=platform.name, faces=faces)

    @pages.get("/messages.css")
    def looks() -> Response:
        return send_from_directory(preview.ASSETS, "messages.css")

    @pages.get("/messages.js")
    def dresser() -> Response:
        return send_from_directory(preview.ASSETS, "messages.js")

    @pages.get("/menus/<menu>")
    def menu_picture(menu: str) -> Response:
        kind, picture = platform.menus.pictures.get(
            menu, ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>")
        )
        return Response(picture, mimetype=kind, headers={"Cache-Control": "max-age=86400"})

    @pages.get("/api/view")
    def view() -> Response:
        """Query: open=<user>:<cursor>,... for the screens shown. Only what changed after each cursor is told."""
        wanted = dict(part.rsplit(":", 1) for part in request.args.get("open", "").split(",") if ":" in part)
        with platform.lock:
            everybody = list(platform.chats.people.values())
            screens = [
                _screen(platform, person, int(wanted[person.id]))
                for person in everybody
                if person.id in wanted
            ]
            shown = [{"id": p.id, "name": p.name, "blocked": p.has_blocked} for p in everybody[-PEOPLE_MOST:]]
        return jsonify(run=run, people=shown, screens=screens, levers=_levers(platform))

    return pages


def _screen(platform: Platform, person: Person, cursor: int) -> dict[str, Any]:
    chat = platform.chats[person.id]
    screen: dict[str, Any] = {"id": person.id, "cursor": platform.chats.cursor}
    if 0 < chat.rev <= cursor and chat.loading_until_ms == 0:
        return screen
    entries = [entry for entry in chat.entries if entry.rev > cursor][-ENTRIES_MOST:]
    return screen | {
        "name": person.name,
        "friend": person.is_friend,
        "blocked": person.has_blocked,
        "loading": chat.loading_until_ms > platform.now_ms(),
        "menu": _menu(platform, person.id),
        "quick": taps.quick_replies(platform, person.id),
        "entries": [_entry(entry) for entry in entries],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    seen: dict[str, Any] = {
        "id": entry.id,
        "seq": entry.seq,
        "by": entry.by if entry.by in ("bot", "system") else "me",
        "at": entry.at_ms,
        "read": entry.read,
    }
    if entry.by == "system":
        return seen | {"note": entry.message["note"]}
    if entry.via in _PUSHED and not entry.unsent:
        seen |= {"notice": preview.notice(entry.message), "quiet": entry.quiet}
    return seen | {
        "html": preview.draw(entry.message),
        "unsent": entry.unsent,
        "sender": (entry.message.get("sender") or {}).get("name"),
    }


def _menu(platform: Platform, user: str) -> dict[str, Any] | None:
    menu = taps.menu_of(platform, user)
    if menu is None:
        return None
    return {
        "id": menu["richMenuId"],
        "bar": menu["chatBarText"],
        "selected": menu["selected"],
        **menu["size"],
        "areas": [
            {
                **area["bounds"],
                "label": area["action"].get("label") or area["action"].get("text", ""),
                "action": area["action"],
            }
            for area in menu["areas"]
        ],
    }


def _levers(platform: Platform) -> dict[str, Any]:
    plan = platform.faults.as_json()["plans"].get("*")
    return {
        "now": platform.now_ms(),
        "offset": platform.offset.total_seconds(),
        "fault": plan["always"] if plan else None,
        "redelivery": platform.webhook.manners.redelivery,
        "calls": platform.capture.count,
        "quota": platform.quota.limit,
        "used": platform.quota.consumption(platform.clock.now()),
    }
