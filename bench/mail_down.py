"""A mail server that never answers must not be felt on the telephone: from key to call, with and without.

Two guards in the same run, incident for incident in turn: the mail of the one is taken, that of the other
hangs in a tar pit.
"""

from bench import page_out
from bench.harness import Progress, Result, percentile
from bench.serving import serving

INCIDENTS = 150
MOST_TIMES = 1.1

_WARM = 10


def run(progress: Progress) -> list[Result]:
    calls: tuple[list[float], list[float]] = ([], [])
    with serving(INCIDENTS) as calm, serving(INCIDENTS) as stuck:
        stuck.mail.hangs = True
        for number in range(INCIDENTS):
            for samples, guard in zip(calls, (calm, stuck), strict=True):
                samples += page_out.one(guard, guard.clients[number])[:1]
            progress((number + 1) / INCIDENTS)
    calm_calls, stuck_calls = (samples[_WARM:] for samples in calls)
    return [
        *_compared("p50", stuck_calls, calm_calls, 50),
        *_compared("p99", stuck_calls, calm_calls, 99),
    ]


def _compared(label: str, stuck: list[float], calm: list[float], percent: float) -> list[Result]:
    hanging, taken = percentile(stuck, percent), percentile(calm, percent)
    return [
        Result(f"key to call {label}", "ms", hanging, reference=taken),
        Result(f"key to call {label} in times the calm one", "×", hanging / taken, MOST_TIMES),
    ]
