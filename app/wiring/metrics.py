"""The figures of the guard, for Prometheus."""

import time
from collections.abc import Iterator

from flask import Flask, Response, g, request
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from oncall.ports import Clock
from oncall.store import Store

_SECONDS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    def __init__(self, store: Store, clock: Clock) -> None:
        self.registry = CollectorRegistry()
        self.forged = Counter(
            "guardia_forged_webhooks", "Webhooks refused for their signature", registry=self.registry
        )
        self.answered = Histogram(
            "guardia_request_seconds",
            "How long requests took to answer",
            ["endpoint", "status"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.registry.register(_State(store, clock))

    def watch(self, app: Flask) -> None:
        """Time every request by the endpoint that answered it."""

        @app.before_request
        def begin() -> None:
            g.began = time.perf_counter()

        @app.after_request
        def end(response: Response) -> Response:
            began = g.get("began")
            if began is not None:
                labels = (request.endpoint or "none", str(response.status_code))
                self.answered.labels(*labels).observe(time.perf_counter() - began)
            return response


class _State(Collector):
    """What the database says at the moment of asking."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._store.reading() as work:
            counts, beat = work.counts(), work.last_beat()
        cases = GaugeMetricFamily("guardia_open_cases", "Incidents that are not closed", labels=["state"])
        for state, count in counts.items():
            cases.add_metric([state], count)
        yield cases
        age = (self._clock.now() - beat).total_seconds() if beat else float("nan")
        yield GaugeMetricFamily("guardia_worker_beat_age_seconds", "Since a worker's last beat", value=age)
