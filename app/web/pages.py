"""The page behind a page's link: it shows the case, and its button takes it.

Opening it takes nothing, however often and by whatever program (I2); only the
button does. A wrong link is a 404 that reveals nothing, for reading and for
taking alike.
"""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from app.locales import duration, local_time, text, zone_name
from app.web.casework import add_casework, new_form
from app.web.desk import Answer, CaseView, Desk, TalkAct
from app.web.refused import NOTHING_REFUSED, Flaw, Refused, expired
from app.web.rendering import browsers_language, form_is_ours, keep_private, render
from oncall.acts import Channel
from oncall.closing import How
from oncall.commands import LONGEST_ETA_HOURS, eta_hours
from oncall.ports import Clock


def pages_blueprint(
    desk: Desk,
    clock: Clock,
    index_url: str | None = None,
    refused_since: Callable[[], datetime | None] = lambda: None,
) -> Blueprint:
    """The pages of ``/t/<token>``, and of ``/``, which leads to ``index_url`` where there is one.

    The application must have a SECRET_KEY: the form's token lives in its session.
    """
    pages = Blueprint(
        "web", __name__, template_folder="templates", static_folder="static", static_url_path="/web/static"
    )
    pages.add_url_rule("/", view_func=_index(index_url, refused_since), endpoint="index", methods=["GET"])
    pages.add_url_rule("/t/<token>", view_func=_show(desk, clock), endpoint="case", methods=["GET"])
    pages.add_url_rule("/t/<token>", view_func=_take(desk, clock), endpoint="take", methods=["POST"])
    pages.add_url_rule(
        "/t/<token>/answer", view_func=_answer(desk, clock), endpoint="answer", methods=["POST"]
    )
    add_casework(pages, desk, clock, _case_page)
    pages.add_url_rule("/t/<token>/eta", view_func=_eta(desk, clock), endpoint="eta", methods=["POST"])
    pages.add_url_rule("/t/<token>/talk", view_func=_talk(desk, clock), endpoint="talk", methods=["POST"])
    pages.register_error_handler(404, _not_found)
    pages.register_error_handler(500, _internal_fault)
    pages.after_request(keep_private)
    return pages


def _index(
    index_url: str | None, refused_since: Callable[[], datetime | None]
) -> Callable[[], AnyResponse | str]:
    def index() -> AnyResponse | str:
        if index_url is not None:
            return redirect(index_url)
        return render("index.html", browsers_language(), refused_since=refused_since())

    return index


def _show(desk: Desk, clock: Clock) -> Callable[[str], str]:
    def show(token: str) -> str:
        at = clock.now()
        case = desk.case_by_link(token, at) or abort(404)
        return _case_page(token, case, at, NOTHING_REFUSED)

    return show


def _case_page(token: str, case: CaseView, at: datetime, refused: Refused) -> str:
    return render(
        "case.html",
        case.language,
        case=case,
        left=_time_left(case, at),
        csrf_token=generate_csrf,
        token=token,
        refused=refused,
        once=new_form(),
        channels=tuple(Channel),
        hows=tuple(How),
        longest_eta=LONGEST_ETA_HOURS,
        clients_clock=_clients_clock(case, at),
        now=at.astimezone(ZoneInfo(case.timezone)).strftime("%Y-%m-%dT%H:%M"),
    )


def _take(desk: Desk, clock: Clock) -> Callable[[str], AnyResponse | tuple[str, int]]:
    def take(token: str) -> AnyResponse | tuple[str, int]:
        at = clock.now()
        # The link before the form: who has no link learns nothing, not even that a form is missing.
        case = desk.case_by_link(token, at) or abort(404)
        if not form_is_ours():
            return render("error.html", case.language, error="expired", again=_own_url(token)), 400
        if desk.take_by_link(token, at) is None:
            abort(404)
        # Shown by GET, so that a telephone that wakes up and reloads asks nothing and sends nothing.
        return redirect(_own_url(token), 303)

    return take


def _answer(desk: Desk, clock: Clock) -> Callable[[str], AnyResponse | tuple[str, int]]:
    def answer(token: str) -> AnyResponse | tuple[str, int]:
        at = clock.now()
        case = desk.case_by_link(token, at) or abort(404)
        given = request.form.get("answer", "")
        if not form_is_ours() or given not in set(Answer):
            return render("error.html", case.language, error="expired", again=_own_url(token)), 400
        if not desk.answer_by_link(token, Answer(given), at):
            abort(404)
        return redirect(_own_url(token), 303)

    return answer


def _eta(desk: Desk, clock: Clock) -> Callable[[str], AnyResponse | tuple[str, int]]:
    def eta(token: str) -> AnyResponse | tuple[str, int]:
        at = clock.now()
        case = desk.case_by_link(token, at) or abort(404)
        hours = eta_hours(request.form.get("hours", "").strip())
        if not form_is_ours():
            return _case_page(token, case, at, expired(case.language, request.form, "eta")), 400
        if hours is None:
            flaw = Flaw("hours", text("web.eta.unreadable", case.language, longest=LONGEST_ETA_HOURS))
            return _case_page(token, case, at, Refused("eta", (flaw,), request.form)), 422
        if not desk.eta_by_link(token, hours, at):
            abort(404)
        return redirect(_own_url(token), 303)

    return eta


def _talk(desk: Desk, clock: Clock) -> Callable[[str], AnyResponse | tuple[str, int]]:
    def talk(token: str) -> AnyResponse | tuple[str, int]:
        at = clock.now()
        case = desk.case_by_link(token, at) or abort(404)
        act = request.form.get("act", "")
        if not form_is_ours() or act not in set(TalkAct):
            return render("error.html", case.language, error="expired", again=_own_url(token)), 400
        if not desk.act_by_link(token, TalkAct(act), at):
            abort(404)
        return redirect(_own_url(token), 303)

    return talk


def _own_url(token: str) -> str:
    return url_for("web.case", token=token)


def _clients_clock(case: CaseView, at: datetime) -> str | None:
    """What time it is at the client, where their clocks show another one than ours and it still matters."""
    zone = case.client_timezone
    if not zone or case.state == "closed":
        return None
    theirs, ours = (at.astimezone(ZoneInfo(one)).utcoffset() for one in (zone, case.timezone))
    if theirs == ours:
        return None
    return f"{local_time(at, zone, case.language)} ({zone_name(zone, case.language)})"


def _time_left(case: CaseView, at: datetime) -> dict[str, str]:
    """For each promise that still runs, the time left or overdue, in words."""
    running: dict[str, datetime | None] = {}
    if case.state == "open":
        running["respond_by"] = case.respond_by
    if case.state != "closed":
        running["resolve_by"] = case.resolve_by
    return {name: _left_until(due, at, case.language) for name, due in running.items() if due is not None}


def _left_until(due: datetime, at: datetime, language: str) -> str:
    seconds = (due - at).total_seconds()
    key = "web.case.left" if seconds >= 0 else "web.case.overdue"
    return text(key, language, time=duration(abs(seconds)))


def _not_found(_error: Exception) -> tuple[str, int]:
    return render("error.html", browsers_language(), error="not_found"), 404


def _internal_fault(_error: Exception) -> tuple[str, int]:
    """The page is broken; the other ways of taking a case are not."""
    return render("error.html", browsers_language(), error="internal"), 500
