"""``guardia calendar``: weeks of duty to read in a terminal, or to print."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from app.cli.answers import columns, local, moment_for, now, print_json, readable, teams, utc
from app.cli.options import Options, json_option
from app.rosterbook import Reading
from app.rosterbook.duties import Bar, WeekOfDuty, first_monday, loads, weeks_of_duty
from oncall.rosters import Team

_COLOURS = [
    "#8ecae6",
    "#ffb703",
    "#a7c957",
    "#e5989b",
    "#cdb4db",
    "#f4a261",
    "#84dcc6",
    "#bde0fe",
    "#d4a373",
    "#90be6d",
]
_SIGNS = {"override": "*", "substitute": "~", "gap": ""}


@click.command("calendar")
@click.option("--weeks", default=4, show_default=True, type=click.IntRange(1, 104), help="How many weeks.")
@click.option("--from", "moment", metavar="TIME", help="A moment of the first week; now, if left out.")
@click.option("--team", "team_id", metavar="TEAM", help="Only this team.")
@click.option("--html", is_flag=True, help="A page to print or to mail, on stdout.")
@json_option
@click.pass_context
def calendar(ctx: click.Context, weeks: int, moment: str | None, team_id: str | None, html: bool) -> None:
    """Weeks of duty: people, handoffs, overrides, gaps, holidays, and what each person carries."""
    options = ctx.find_object(Options) or Options()
    reading = readable(options, team_id)
    at_once, chosen = now(), teams(reading, team_id)
    mondays = {team.id: first_monday(team, moment_for(moment, [team], at_once)) for team in chosen}
    if options.json:
        print_json({"teams": {t.id: _as_json(t, reading, mondays[t.id], weeks) for t in chosen}})
    elif html:
        click.echo(_as_html(chosen, reading, mondays, weeks))
    else:
        for team in chosen:
            for line in _as_text(team, reading, mondays[team.id], weeks):
                click.echo(line)


def _as_text(team: Team, reading: Reading, monday: date, weeks: int) -> Iterator[str]:
    yield f"{team.id} ({team.timezone})"
    for week in weeks_of_duty(team, reading.people, monday, weeks):
        days = [f"{day:%a %d %b}" + ("°" if day in reading.holidays else "") for day in week.days]
        rows = [(f"  {name}", *_cells(bars, week, team)) for name, bars in week.rows.items()]
        yield ""
        yield from columns([("", *days), *rows])
        named = [f"{day:%d %b} {reading.holidays[day]}" for day in week.days if day in reading.holidays]
        if named:
            yield f"  ° {', '.join(named)}"
    yield ""
    head = ("  person", "hours", "at night", "weekends")
    body = [
        (f"  {load.person}", f"{load.hours:g}", f"{load.night_hours:g}", str(load.weekends))
        for load in loads(team, reading.people, monday, weeks)
    ]
    yield from columns([head, *body])
    yield "  > handoff   * override   ~ substitute   NOBODY a gap"


def _cells(bars: Sequence[Bar], week: WeekOfDuty, team: Team) -> Iterator[str]:
    """Who is on call on each day: ``ana`` all day, ``ana>bruno`` where one hands off to the other."""
    zone = ZoneInfo(team.timezone)
    for day in week.days:
        together: dict[datetime, list[str]] = {}
        for bar in bars:
            if bar.start.astimezone(zone).date() <= day and _last_day(bar, zone) >= day:
                word = "NOBODY" if bar.person is None else bar.person + _SIGNS.get(bar.reason, "")
                together.setdefault(bar.start, []).append(word)
        in_turn = ("+".join(words) for words in together.values())
        yield ">".join(words for words, _ in groupby(in_turn))


def _last_day(bar: Bar, zone: ZoneInfo) -> date:
    last = bar.end.astimezone(zone)
    day: date = last.date()
    return date.fromordinal(day.toordinal() - 1) if last.hour == last.minute == last.second == 0 else day


def _as_json(team: Team, reading: Reading, monday: date, weeks: int) -> dict[str, Any]:
    return {
        "timezone": team.timezone,
        "weeks": [
            {
                "monday": str(week.days[0]),
                "rotations": {
                    name: [
                        {"person": b.person, "reason": b.reason, "from": utc(b.start), "to": utc(b.end)}
                        for b in bars
                    ]
                    for name, bars in week.rows.items()
                },
            }
            for week in weeks_of_duty(team, reading.people, monday, weeks)
        ],
        "loads": [
            {"person": v.person, "hours": v.hours, "night_hours": v.night_hours, "weekends": v.weekends}
            for v in loads(team, reading.people, monday, weeks)
        ],
    }


def _as_html(chosen: Sequence[Team], reading: Reading, mondays: Mapping[str, date], weeks: int) -> str:
    environment = Environment(
        loader=PackageLoader("app.rosterbook"), autoescape=True, undefined=StrictUndefined
    )
    carried = (load for team in chosen for load in loads(team, reading.people, mondays[team.id], weeks))
    everybody = dict.fromkeys(load.person for load in carried)
    return environment.get_template("calendar.html").render(
        start=min(mondays.values(), default=""),
        weeks=weeks,
        holidays=reading.holidays,
        names={id: person.name for id, person in reading.people.items()},
        colours={person: _COLOURS[n % len(_COLOURS)] for n, person in enumerate(everybody)},
        teams=[_drawn(team, reading, mondays[team.id], weeks) for team in chosen],
    )


def _drawn(team: Team, reading: Reading, monday: date, weeks: int) -> dict[str, Any]:
    drawn = [
        {
            "days": week.days,
            "lanes": [(name, _lanes(bars, reading, team)) for name, bars in week.rows.items()],
        }
        for week in weeks_of_duty(team, reading.people, monday, weeks)
    ]
    carried = loads(team, reading.people, monday, weeks)
    return {"id": team.id, "timezone": team.timezone, "weeks": drawn, "loads": carried}


def _lanes(bars: Sequence[Bar], reading: Reading, team: Team) -> list[list[dict[str, Any]]]:
    """Bars on as few lines as it takes for none to lie over another."""
    lanes: list[list[Bar]] = []
    for bar in bars:
        free = next((lane for lane in lanes if lane[-1].end <= bar.start), None)
        if free is None:
            lanes.append([bar])
        else:
            free.append(bar)
    return [[_bar(bar, reading, team) for bar in lane] for lane in lanes]


def _bar(bar: Bar, reading: Reading, team: Team) -> dict[str, Any]:
    known = reading.people.get(bar.person or "")
    name = "nobody" if bar.person is None else known.name if known else bar.person
    title = f"{name}, {local(bar.start, team)} to {local(bar.end, team)} ({bar.reason})"
    return {
        "person": bar.person,
        "reason": bar.reason,
        "left": bar.left,
        "width": bar.width,
        "label": name,
        "title": title,
    }
