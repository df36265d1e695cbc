"""The web application: LINE's webhook, and whether this process lives and is ready."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Flask, Response, jsonify, request

from bot import alarms, export_page
from bot.config import Settings
from bot.facts import Facts
from bot.metrics import CONTENT_TYPE, Crises, Metrics, may_read
from bot.runtime import Runtime
from bot.webhook import Webhook
from storage.models import SendState


def create(settings: Settings, run: Runtime) -> Flask:
    app = Flask(__name__, static_folder=None)
    # Flask's own way to put something in front of it.
    app.wsgi_app = Webhook(run, settings.secrets, app.wsgi_app)  # type: ignore[method-assign]

    app.register_blueprint(export_page.page(run))

    @app.get("/healthz")
    def healthz() -> Response:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> tuple[Response, int]:
        report = _report(run.watch.look())
        return jsonify(report), 200 if report["ready"] else 503

    crises = Crises(lambda: run.store, run.machine, run.desk.plan.zone)
    metrics_text = Metrics(run.watch.look, crises.yesterday).text

    @app.get("/metrics")
    def metrics() -> Response:
        if not may_read(request.environ, settings.eap_metrics_token.get_secret_value()):
            return Response("not from here, or not with this token\n", 403, mimetype="text/plain")
        return Response(metrics_text(), content_type=CONTENT_TYPE)

    @app.after_request
    def harden(response: Response) -> Response:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        return response

    return app


def _report(facts: Facts) -> dict[str, Any]:
    """What an operator at night needs to see. Figures only."""
    report: dict[str, Any] = {
        "ready": facts.is_ready,
        "trouble": facts.trouble,
        "spool_empty": facts.spool_files == 0,
        "alarms": [asdict(alarm) for alarm in alarms.wrong(facts)],
    }
    kept = facts.kept
    if kept is None:
        return report
    return report | {
        "events_waiting": kept.waiting,
        "events_parked": kept.parked,
        "oldest_event_seconds": kept.oldest_event,
        "oldest_unsent_seconds": kept.oldest_unsent,
        "messages": {state.name.lower(): kept.sends.get(state, 0) for state in SendState},
    }
