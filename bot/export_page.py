"""The page behind a one-time link: says what it is, and gives the file when its one button is pressed.

A look at it (GET: a person, a link preview, a virus scanner) uses nothing up. Neither the address nor the file is
logged, kept by a cache or handed on to another site.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from html import escape

import structlog
from flask import Blueprint, Response

from bot.runtime import Runtime
from care import exports
from storage import links
from storage.links import LinkOver, NoSuchLink
from storage.session import DATABASE_AWAY
from storage.store import Store

log = structlog.get_logger()

_STYLE = (
    "body{font:1.125rem/1.7 system-ui,sans-serif;max-width:34rem;margin:2rem auto;padding:0 1rem;color:#1f2a2e;"
    "background:#fff}button{font:inherit;padding:.75rem 1.5rem;min-height:44px;border:0;border-radius:8px;"
    "background:#1c5d54;color:#fff}button:focus-visible{outline:3px solid #b35900;outline-offset:3px}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
}
_FILE = "my-data.json"

_Answer = Callable[[Runtime, Store, str], Response]


def page(run: Runtime) -> Blueprint:
    bare = Blueprint("export", __name__)

    @bare.get(f"{exports.PATH}<token>")
    def look(token: str) -> Response:
        return _guarded(run, token, _ready)

    @bare.post(f"{exports.PATH}<token>")
    def take(token: str) -> Response:
        return _guarded(run, token, _give)

    @bare.after_request
    def harden(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    return bare


def _guarded(run: Runtime, token: str, answer: _Answer) -> Response:
    try:
        if run.store is None:
            return _html(run, run.desk.default_language, "page_away", 503)
        return answer(run, run.store, token)
    except LinkOver:
        return _html(run, run.desk.default_language, "page_over", 410)
    except NoSuchLink:
        return _html(run, run.desk.default_language, "page_over", 404)
    except DATABASE_AWAY as error:
        log.warning("export_away", error=type(error).__name__)
        return _html(run, run.desk.default_language, "page_away", 503)


def _ready(run: Runtime, store: Store, token: str) -> Response:
    with store.read() as tx:
        person = links.look(tx, token, exports.KIND, store.plan())
    return _html(run, person.language, "page_ready", 200)


def _give(run: Runtime, store: Store, token: str) -> Response:
    """The link is used and the file made in one transaction: who gets no file can press again."""
    with store.begin() as tx:
        person = links.use(tx, token, exports.KIND, store.plan())
        told = exports.file(tx, person, run.desk, store.plan())
    response = Response(told, mimetype="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{_FILE}"'
    return response


def _html(run: Runtime, language: str, key: str, status: int) -> Response:
    context = run.desk.context(language)

    def say(name: str) -> str:
        return escape(context.texts.say(f"export.{name}"))

    form = (
        f"<p>{say('page_care')}</p>\n<form method='post'><button type='submit'>{say('page_button')}</button></form>\n"
        if key == "page_ready"
        else ""
    )
    told = (
        f"<!doctype html>\n<html lang='{escape(context.language)}'>\n<head>\n<meta charset='utf-8'>\n"
        f"<meta name='viewport' content='width=device-width, initial-scale=1'>\n<title>{say('page_title')}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{say('page_title')}</h1>\n<p>{say(key)}</p>\n{form}"
        f"<p>{say('page_help')}</p>\n</main>\n</body>\n</html>\n"
    )
    return Response(told, status=status, mimetype="text/html")
