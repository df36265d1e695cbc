"""The simulator as one web application: LINE's paths, the control API and the phones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, jsonify, render_template, request

from simulator.acts import Impossible
from simulator.api import NAMES, PREFIXES, Api
from simulator.control import people_pages
from simulator.faults import KINDS
from simulator.guard import is_loopback
from simulator.levers import lever_pages
from simulator.phones import phone_pages
from simulator.platform import Platform
from simulator.wire import StartResponse

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def create_app(platform: Platform) -> Flask:
    """An app that answers whole paths (/v2/..., /oauth2/..., /simulator/...), to be mounted by prefix."""
    app = Flask(__name__, static_url_path="/simulator/static")
    app.json.sort_keys = False  # type: ignore[attr-defined]  # the default provider has it; the base class does not say
    control = Blueprint("control", __name__, url_prefix="/simulator/api")
    control.register_blueprint(people_pages(platform))
    control.register_blueprint(lever_pages(platform))
    control.before_request(_only_scripts)
    control.add_url_rule("/", "manual", lambda: render_template("manual.html", kinds=KINDS, endpoints=NAMES))
    app.register_blueprint(control)
    app.register_blueprint(phone_pages(platform))
    app.before_request(_only_here)
    app.after_request(_headers)
    app.register_error_handler(Impossible, lambda error: (jsonify(error=str(error)), 409))
    for wrong in (ValueError, TypeError, KeyError):
        app.register_error_handler(
            wrong, lambda error: (jsonify(error=f"{type(error).__name__}: {error}"), 400)
        )
    app.wsgi_app = _Doors(Api(platform), app.wsgi_app)  # type: ignore[method-assign]  # Flask's own way to wrap it
    return app


class _Doors:
    """LINE's paths go straight to the API: a framework would cost more there than the work does."""

    def __init__(self, api: Api, rest: Any) -> None:
        self._api, self._rest = api, rest

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        inside = self._api if environ["PATH_INFO"].startswith(PREFIXES) else self._rest
        answer: Iterable[bytes] = inside(environ, start_response)
        return answer


def _only_here() -> tuple[Response, int] | None:
    """Refuse names that merely resolve to this machine: another site's page could use one to reach us."""
    if not is_loopback(urlsplit(f"//{request.host}").hostname or ""):
        return jsonify(error="the simulator answers on loopback names only"), 403
    return None


def _only_scripts() -> tuple[Response, int] | None:
    """A form on another site cannot send JSON, so it cannot work our levers."""
    if request.method == "POST" and request.mimetype != "application/json":
        return jsonify(error="send application/json"), 415
    return None


def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
