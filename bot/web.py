"""The web application: LINE's webhook, and whether this process lives and is ready."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, Response, jsonify

from bot.config import Settings
from bot.runtime import Runtime
from bot.webhook import Webhook
from storage import inbox, outbox
from storage.models import SendState
from storage.session import DATABASE_AWAY


def create(settings: Settings, run: Runtime) -> Flask:
    app = Flask(__name__, static_folder=None)
    # Flask's own way to put something in front of it.
    app.wsgi_app = Webhook(run, settings.secrets, app.wsgi_app)  # type: ignore[method-assign]

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        report = _report(run)
        return jsonify(report), 200 if report["ready"] else 503

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _report(run: Runtime) -> dict[str, Any]:
    """What an operator at night needs to see. Figures only."""
    report: dict[str, Any] = {
        "ready": run.is_ready,
        "trouble": run.reason,
        "spool_empty": run.intake.spool_is_empty(),
    }
    if run.store is None:
        return report
    try:
        with run.store.read() as tx:
            backlog, sends = inbox.backlog(tx), outbox.counts(tx)
            oldest = outbox.oldest_open_at(tx)
    except DATABASE_AWAY:
        return report | {"ready": False, "trouble": "the database does not answer"}
    now = run.store.machine()
    return report | {
        "events_waiting": backlog.pending,
        "events_parked": backlog.parked,
        "oldest_event_seconds": _age(now, backlog.oldest_at),
        "oldest_unsent_seconds": _age(now, oldest),
        "messages": {state.name.lower(): sends.get(state, 0) for state in SendState},
    }


def _age(now: datetime, then: datetime | None) -> float | None:
    return None if then is None else round((now - then).total_seconds(), 1)
