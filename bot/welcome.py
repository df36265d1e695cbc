"""The demo's first page: what this is, and where to go. Words only, no script, nothing from outside."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from care.desk import Desk

POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def page(desk: Desk) -> Blueprint:
    start = Blueprint(
        "start", __name__, template_folder="templates", static_folder="static", static_url_path="/static"
    )

    @start.get("/")
    def index() -> Response:
        response = Response(render_template("start.html", agency=desk.plan.agency["zh-Hant"]))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return start
