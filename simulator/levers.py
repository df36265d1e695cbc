"""The control API's levers: clock, faults, webhooks, quota, capture, truth and starting over."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, jsonify

from simulator.api import NAMES
from simulator.control import asked, given
from simulator.platform import Platform

ANY = "*"
SENDS = ("reply", "push", "multicast", "narrowcast", "broadcast")


def lever_pages(platform: Platform) -> Blueprint:
    """Routes for whoever runs a rehearsal or a test."""
    pages = Blueprint("levers", __name__)

    @pages.get("/clock")
    def clock() -> Response:
        return jsonify(now=platform.clock.now().isoformat(), offset_seconds=platform.offset.total_seconds())

    @pages.post("/clock")
    def move() -> Response:
        platform.move_clock(_distance(platform, given()))
        return clock()

    @pages.get("/faults")
    def faults() -> Response:
        return jsonify(platform.faults.as_json() | {"endpoints": [*NAMES, ANY]})

    @pages.post("/faults")
    def plan() -> Response:
        plan_faults(platform, given())
        return faults()

    @pages.delete("/faults")
    def clear() -> Response:
        platform.faults.clear()
        return faults()

    @pages.post("/faults/release")
    def release() -> Response:
        platform.faults.release()
        return jsonify({})

    @pages.get("/webhook")
    def webhook() -> Response:
        return jsonify(platform.webhook.as_json() | {"endpoint": platform.endpoint})

    @pages.post("/webhook")
    def manners() -> Response:
        platform.webhook.change(**given())
        return webhook()

    @pages.post("/webhook/release")
    def deliver_held() -> Response:
        return jsonify(delivered=platform.webhook.release(**given()))

    @pages.post("/webhook/raw")
    def raw() -> Response:
        body = given()
        status = platform.webhook.post_raw(str(body["body"]).encode(), signed=body.get("signature"))
        return jsonify(status=status)

    @pages.get("/webhook/quiet")
    def quiet() -> Response:
        return jsonify(quiet=platform.webhook.wait_quiet(asked("wait", 5)))

    @pages.get("/capture")
    def capture() -> Response:
        return Response(platform.capture.text(), mimetype="application/x-ndjson")

    @pages.delete("/capture")
    def forget_capture() -> Response:
        platform.capture.clear()
        return jsonify({})

    @pages.get("/truth")
    def truth() -> Response:
        return jsonify(platform.truth())

    @pages.get("/quota")
    def quota() -> Response:
        now = platform.clock.now()
        return jsonify(limit=platform.quota.limit, used=platform.quota.consumption(now))

    @pages.post("/quota")
    def set_quota() -> Response:
        limit = given().get("limit")
        platform.quota.limit = None if limit is None else int(limit)
        return quota()

    @pages.post("/account")
    def account() -> Response:
        body = given()
        platform.buckets.enforced = bool(body.get("rate_limits", platform.buckets.enforced))
        platform.chat_mode = "chat" if body.get("chat_mode", platform.chat_mode) == "chat" else "bot"
        platform.webhook.is_on = bool(body.get("use_webhook", platform.webhook.is_on))
        return jsonify(
            rate_limits=platform.buckets.enforced,
            chat_mode=platform.chat_mode,
            use_webhook=platform.webhook.is_on,
        )

    @pages.post("/reset")
    def reset() -> Response:
        platform.reset()
        return jsonify({})

    return pages


def plan_faults(platform: Platform, body: dict[str, Any]) -> None:
    """One of script, always or mix, for an endpoint, for "sends" (all five) or for all. Raises ValueError."""
    name = str(body.get("endpoint", ANY))
    if name not in (*NAMES, ANY, "sends"):
        raise ValueError(f"{name!r} is not one of: {', '.join([*NAMES, ANY, 'sends'])}")
    for endpoint in SENDS if name == "sends" else (name,):
        if "script" in body:
            platform.faults.script(endpoint, body["script"])
        elif "always" in body:
            platform.faults.always(endpoint, body["always"])
        elif "mix" in body:
            least, most = body.get("latency_ms", (0, 0))
            platform.faults.mix(endpoint, body["mix"], int(body.get("seed", 0)), (int(least), int(most)))
        else:
            raise ValueError("say script, always or mix")


def _distance(platform: Platform, body: dict[str, Any]) -> timedelta:
    if "to" in body:
        return datetime.fromisoformat(body["to"]) - platform.clock.now()
    return timedelta(
        seconds=float(body.get("seconds", 0)),
        minutes=float(body.get("minutes", 0)),
        hours=float(body.get("hours", 0)),
        days=float(body.get("days", 0)),
    )
