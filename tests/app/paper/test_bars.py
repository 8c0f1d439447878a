"""Bars in the PDF: they show the figures of the table below, and nothing where there is nothing to show."""

from datetime import UTC, datetime

import pytest

from app.paper import Bars, Document, Table, as_pdf, as_text

AT = datetime(2026, 4, 1, tzinfo=UTC)
HOURS = tuple(f"{hour:02d}" for hour in range(24))


def document(bars: Bars | None) -> Document:
    table = Table("Clientes", ("Cliente", "Incidentes"), (("ACME Seguros", "7"),), (0.7, 0.3), bars)
    return Document("es", "Guardia 2026-03", "Servicio de guardia", AT, (table,), ("Definitivo.",))


def bars(*values: tuple[int, ...], is_flat: bool, labels: tuple[str, ...] = HOURS) -> Bars:
    tones = ("accent", "amber", "no tone of ours")
    series = tuple((f"Ana {n} 🤖", tones[n % 3], of) for n, of in enumerate(values))
    return Bars(labels[: len(values[0])], series, is_flat)


@pytest.mark.parametrize("is_flat", [True, False])
def test_bars_are_drawn_and_the_same_figures_give_the_same_bytes(is_flat: bool) -> None:
    shown = document(bars((3, 0, 12), (1, 0, 2), is_flat=is_flat))

    assert as_pdf(shown) == as_pdf(shown)
    assert as_pdf(shown) != as_pdf(document(bars((3, 0, 11), (1, 0, 2), is_flat=is_flat)))
    assert as_text(shown) == as_text(document(None))


@pytest.mark.parametrize("is_flat", [True, False])
def test_where_every_figure_is_zero_or_there_is_none_nothing_is_drawn(is_flat: bool) -> None:
    without = as_pdf(document(None))

    assert as_pdf(document(bars((0, 0), is_flat=is_flat))) == without
    assert as_pdf(document(Bars((), (), is_flat))) == without


@pytest.mark.parametrize("is_flat", [True, False])
def test_many_bars_long_names_and_large_teams_go_on_to_the_next_page(is_flat: bool) -> None:
    names = tuple(f"un cliente con un nombre que no entra en la columna, número {n}" for n in range(80))
    everybody = [tuple(range(n, n + 80)) for n in range(400)]

    assert as_pdf(document(bars(*everybody, is_flat=is_flat, labels=names))).count(b"/Type /Page\n") > 1
