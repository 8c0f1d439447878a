"""``python -m bench [NAME …]``: run the benches, show a table, keep the results.

A run of all is kept; one of some with ``--keep``, and then the results say of each bench when it was run.
``--table`` runs nothing, and brings the documentation to what is kept.
"""

import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

import bench
from bench import report
from bench.harness import Progress as Tell
from bench.harness import Result

RESULTS = Path(__file__).parent / "results.json"
Run = Callable[[Tell], list[Result]]


def main(names: list[str]) -> int:
    if names == ["--table"]:
        report.write(json.loads(RESULTS.read_text("utf-8")))
        return 0
    keeps = not names or "--keep" in names
    names = [name for name in names if name != "--keep"]
    known = _benches()
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no bench is called {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    console = Console(stderr=True)
    results = {name: _run(name, known[name], console) for name in names or known}
    Console().print(_table(results))
    if keeps:
        document = _document(results)
        if names and RESULTS.exists():
            document = _together(json.loads(RESULTS.read_text("utf-8")), document, known)
        RESULTS.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8")
        report.write(json.loads(RESULTS.read_text("utf-8")))
    return 0


def _benches() -> dict[str, Run]:
    """Every module of this package that has a ``run``, by its name with dashes."""
    found: dict[str, Run] = {}
    for info in pkgutil.iter_modules(bench.__path__):
        if not info.name.startswith("_"):
            run = getattr(importlib.import_module(f"bench.{info.name}"), "run", None)
            if run is not None:
                found[info.name.replace("_", "-")] = run
    return found


def _run(name: str, run: Run, console: Console) -> list[Result]:
    columns = (TextColumn("{task.description:<16}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(name, total=1.0)
        return run(lambda share: bar.update(task, completed=share))


def _table(results: dict[str, list[Result]]) -> Table:
    table = Table("bench", "metric", box=None)
    for heading in ("value", "target", "holds", "reference", "ratio"):
        table.add_column(heading, justify="right")
    for name, rows in results.items():
        for row in rows:
            table.add_row(
                name,
                row.metric,
                f"{row.value:.3g} {row.unit}",
                "" if row.target is None else f"{row.target:g} {row.unit}",
                "" if row.holds is None else "yes" if row.holds else "NO",
                "" if row.reference is None else f"{row.reference:.3g} {row.unit}",
                "" if row.ratio is None else f"{row.ratio:.2f}",
            )
    return table


def _together(before: dict[str, Any], now: dict[str, Any], known: Iterable[str]) -> dict[str, Any]:
    """What was kept before, with the benches that ran now in place of their older results."""
    fresh = {row["bench"] for row in now["results"]}
    measured = {row["bench"]: _run_of(before) for row in before["results"]} | before.get("measured", {})
    measured |= {name: _run_of(now) for name in fresh}
    rows = [row for row in before["results"] if row["bench"] not in fresh] + now["results"]
    order = list(known)
    kept = sorted((row for row in rows if row["bench"] in order), key=lambda row: order.index(row["bench"]))
    return now | {
        "measured": {name: measured[name] for name in order if name in measured},
        "results": kept,
    }


def _run_of(document: dict[str, Any]) -> dict[str, Any]:
    return {key: document[key] for key in ("commit", "at")}


def _document(results: dict[str, list[Result]]) -> dict[str, Any]:
    return {
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "commit": _commit(),
        "at": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "results": [
            {
                "bench": name,
                "metric": row.metric,
                "unit": row.unit,
                "value": _rounded(row.value),
                "target": row.target,
                "holds": row.holds,
                "reference": _rounded(row.reference),
                "ratio": _rounded(row.ratio),
            }
            for name, rows in results.items()
            for row in rows
        ],
    }


def _commit() -> str | None:
    """The commit that was measured, marked where files differ from it; None outside a clone."""
    git = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
    )
    return git.stdout.strip() or None


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
