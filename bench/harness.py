"""What every bench uses: a result with its target, timed samples, percentiles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter_ns

Progress = Callable[[float], None]  # called with the share that is done, 0 to 1

_STEPS = 50  # how often a measurement tells how far it is


@dataclass(frozen=True, slots=True)
class Result:
    """One measured number. ``reference`` is the same work done plainly, measured in the same run."""

    metric: str
    unit: str
    value: float
    target: float | None = None
    reference: float | None = None
    higher_is_better: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the target is met; None where there is none."""
        if self.target is None:
            return None
        return self.value >= self.target if self.higher_is_better else self.value <= self.target

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference if self.reference else None


def milliseconds(action: Callable[[], object], times: int, progress: Progress) -> list[float]:
    """How long each of ``times`` runs of ``action`` took; a tenth as many before, unmeasured."""
    for _ in range(max(1, times // 10)):
        action()
    taken = []
    for turn in range(times):
        start = perf_counter_ns()
        action()
        taken.append((perf_counter_ns() - start) / 1e6)
        if turn % max(1, times // _STEPS) == 0:
            progress(turn / times)
    progress(1)
    return taken


def percentile(samples: Sequence[float], percent: float) -> float:
    """The sample that ``percent`` of them do not exceed (nearest rank)."""
    ordered = sorted(samples)
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, int(rank) - 1)]


def median_and_p99(
    samples: Sequence[float],
    metric: str = "",
    p50: float | None = None,
    p99: float | None = None,
    reference: Sequence[float] | None = None,
) -> list[Result]:
    """Two results of samples in milliseconds, with their targets."""
    name = f"{metric} " if metric else ""
    return [
        Result(
            f"{name}{label}",
            "ms",
            percentile(samples, percent),
            target,
            percentile(reference, percent) if reference else None,
        )
        for label, percent, target in (("p50", 50, p50), ("p99", 99, p99))
    ]
