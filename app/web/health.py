"""Whether the guard is alive, whether it is ready, and its figures for Prometheus."""

from collections.abc import Callable
from datetime import datetime, timedelta

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from oncall.ports import BookKeeper, Clock
from oncall.store import Store

# A worker beats every two seconds; several missed beats mean that pages do not leave.
OLDEST_BEAT = timedelta(seconds=6)


def health_blueprint(
    store: Store,
    books: BookKeeper,
    clock: Clock,
    registry: CollectorRegistry,
    refused_since: Callable[[], datetime | None],
) -> Blueprint:
    """``refused_since``: since when the rosters folder holds something that was refused."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return Response("ok\n", content_type="text/plain; charset=utf-8")

    @health.get("/readyz")
    def readyz() -> tuple[Response, int]:
        at = clock.now()
        checks: dict[str, object] = {"roster": books.current().version}
        since = refused_since()
        if since is not None:
            checks["roster_refused_since"] = since.isoformat()
        try:
            with store.reading() as work:
                beat = work.last_beat()
        except Exception as error:  # whatever the database's driver raises: it is not ready
            return jsonify(checks | {"ready": False, "database": type(error).__name__}), 503
        age = at - beat if beat else None
        checks |= {"database": "ok", "worker_beat_seconds": age.total_seconds() if age else None}
        is_ready = age is not None and age <= OLDEST_BEAT
        return jsonify(checks | {"ready": is_ready}), 200 if is_ready else 503

    @health.get("/metrics")
    def metrics() -> Response:
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return health
