"""The forms of a case's page: what people write, the files they attach, and how files are given back.

A form that lacks something is shown again with all it lacks beside it and everything that was typed.
It works without a script.
"""

import secrets
from collections.abc import Callable
from datetime import datetime
from io import BytesIO

from flask import Blueprint, Response, abort, redirect, request, send_file, url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response as AnyResponse

from app.attachments import LARGEST, NotTaken, taken
from app.locales import text
from app.playing import sound
from app.web.desk import CaseView, Desk
from app.web.forms import ACTS, UnreadableDate, act_of, field_of
from app.web.refused import Flaw, Refused, expired
from app.web.rendering import form_is_ours, render
from oncall.ports import Clock

# A few files and what is typed beside them; every other request is held to much less.
_LARGEST_REQUEST = 3 * LARGEST + 1_000_000
_MOST_FILES = 10
_SAFE = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


Show = Callable[[str, CaseView, datetime, Refused], str]


def new_form() -> str:
    """A name for a form, so that one that is sent twice is written once."""
    return secrets.token_hex(8)


def add_casework(pages: Blueprint, desk: Desk, clock: Clock, show: Show) -> None:
    """Add what is written into a case, and its files and sounds, to the pages of ``/t/<token>``."""

    def write(token: str) -> AnyResponse | tuple[str, int]:
        at = clock.now()
        case = desk.case_by_link(token, at) or abort(404)
        request.max_content_length = _LARGEST_REQUEST
        try:
            if (act := request.form.get("act", "")) not in ACTS:
                again = url_for("web.case", token=token)
                return render("error.html", case.language, error="expired", again=again), 400
            if not form_is_ours():
                with_files = any(file.filename for file in request.files.getlist("files"))
                return show(token, case, at, expired(case.language, request.form, act, with_files)), 400
            refused = _written(desk, token, case, at)
        except RequestEntityTooLarge:
            refused = Refused("file", (Flaw("files", text("lack.file_size", case.language, name="…")),))
        if refused is not None:
            fresh = desk.case_by_link(token, at) or abort(404)  # its files may have been kept
            return show(token, fresh, at, refused), 422
        return redirect(url_for("web.case", token=token), 303)

    def give(token: str, file: str) -> Response:
        given = desk.file_by_link(token, file) or abort(404)
        answer = send_file(
            BytesIO(given.content), given.media_type, as_attachment=True, download_name=given.name, etag=False
        )
        answer.headers.update(_SAFE)
        return answer

    def play(token: str, number: int) -> AnyResponse:
        audio = desk.sound_by_link(token, number, clock.now())
        return sound(audio) if audio is not None else abort(404)

    pages.add_url_rule(
        "/t/<token>/recordings/<int:number>", view_func=play, endpoint="sound", methods=["GET"]
    )
    pages.add_url_rule("/t/<token>/write", view_func=write, endpoint="write", methods=["POST"])
    pages.add_url_rule("/t/<token>/files/<file>", view_func=give, endpoint="file", methods=["GET"])


def _written(desk: Desk, token: str, case: CaseView, at: datetime) -> Refused | None:
    """Do what the form asks; None when it was done. Its files are kept even where it lacks something."""
    act = request.form["act"]

    def refused(*flaws: Flaw) -> Refused:
        return Refused(act, flaws, request.form)

    uploads, lacks = [], []
    given = [file for file in request.files.getlist("files") if file.filename]
    for file in given[:_MOST_FILES]:
        try:
            uploads.append(taken(file.filename or "", file.read(LARGEST + 1)))
        except NotTaken as error:
            lacks.append(Flaw("files", text(f"lack.{error.lack}", case.language, name=error.name)))
    for file in request.files.getlist("files"):
        file.close()
    for upload in uploads:
        desk.attach_by_link(token, upload, at)
    if act == "file":
        if not given:
            return refused(Flaw("files", text("lack.file", case.language)))
        return refused(*lacks) if lacks else None
    if lacks:
        return refused(*lacks)
    try:
        missing = desk.write_by_link(
            token, act_of(request.form, case.timezone), at, request.form.get("once", "")
        )
    except UnreadableDate as error:
        return refused(Flaw(error.field, text("lack.date", case.language)))
    if missing is None:
        abort(404)
    flaws = (Flaw(field_of(lack, request.form), text(f"lack.{lack}", case.language)) for lack in missing)
    return refused(*flaws) if missing else None
