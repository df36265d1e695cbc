"""The phones in the browser: the page, and what has changed on the screens since the browser last asked."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from simulator.platform import Platform


def phone_pages(platform: Platform) -> Blueprint:
    pages = Blueprint("phones", __name__, url_prefix="/simulator")

    @pages.get("/api/view")
    def view() -> Response:
        return jsonify({})

    return pages
