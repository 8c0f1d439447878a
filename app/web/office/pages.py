"""The addresses of the desk. A wrong one, or a former manager's, is a 404 that reveals nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from importlib.resources import files

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from app.playing import sound
from app.web.office.casepages import CasePages
from app.web.office.desklinks import DeskLinks
from app.web.office.reportpages import FORMS, ReportPages
from app.web.office.sections import NoSuchMonth, Section, Visit
from app.web.refused import Refused, expired
from app.web.rendering import browsers_language, form_is_ours, keep_private, render
from oncall.ports import BookKeeper, Clock

Answer = AnyResponse | str | tuple[str, int]
View = Callable[..., Answer]
Form = Callable[[Callable[..., str]], Callable[[View], View]]


@dataclass(frozen=True, slots=True)
class Office:
    """What the desk is made of; ``sections`` stand in the menu in their order."""

    books: BookKeeper
    clock: Clock
    links: DeskLinks
    cases: CasePages
    report: ReportPages
    sections: Sequence[Section] = ()

    @property
    def menu(self) -> tuple[Section, ...]:
        return (self.report, *self.sections)

    def visit(self, secret: str) -> Visit | None:
        """The manager behind an address; None where there is none, or they no longer are one."""
        id = self.links.manager(secret)
        book = self.books.current()
        manager = next((person for person in book.managers() if person.id == id), None)
        if manager is None:
            return None
        return Visit(manager, secret, self.clock.now(), book, request.args, generate_csrf)


def office_blueprint(office: Office) -> Blueprint:
    """``/m/<secret>`` and all that is under it. The application must have a SECRET_KEY, for the forms."""
    report = files("app.report")
    desk = Blueprint(
        "office",
        __name__,
        template_folder=str(report.joinpath("templates")),
        static_folder=str(report.joinpath("static")),
        static_url_path="/web/static/report",
    )

    def page(view: View) -> View:
        @wraps(view)
        def seen(secret: str, **place: str) -> Answer:
            visit = office.visit(secret) or abort(404)
            try:
                return view(visit, **place)
            except NoSuchMonth:
                return render("error.html", visit.language, error="no_such_month"), 400

        return seen

    def form(shown: Callable[..., str]) -> Callable[[View], View]:
        def of(view: View) -> View:
            @wraps(view)
            def sent(secret: str, **place: str) -> Answer:
                # The link before the form: who has no link learns nothing, not even that a form is missing.
                visit = office.visit(secret) or abort(404)
                if not form_is_ours():
                    refused = expired(visit.language, request.form)
                    return shown(replace(visit, refused=refused), **place), 400
                return view(visit, **place)

            return sent

        return of

    _case_pages(desk, office, page, form)
    _report_files(desk, office, page)
    _section_pages(desk, office, page, form)
    desk.register_error_handler(404, _not_found)
    desk.register_error_handler(500, _internal_fault)
    desk.context_processor(lambda: {"sections": office.menu})
    desk.after_request(keep_private)
    return desk


def _case_pages(desk: Blueprint, office: Office, page: Callable[[View], View], form: Form) -> None:
    def shown(visit: Visit, reference: str) -> str:
        return office.cases.show(visit, reference) or abort(404)

    @desk.get("/m/<secret>")
    @page
    def front(visit: Visit) -> Answer:
        return office.cases.list(visit)

    @desk.get("/m/<secret>/cases/<reference>")
    @page
    def case(visit: Visit, reference: str) -> Answer:
        return shown(visit, reference)

    @desk.get("/m/<secret>/cases/<reference>/recordings/<int:number>")
    @page
    def recording(visit: Visit, reference: str, number: int) -> Answer:
        audio = office.cases.recording(reference, number)
        return sound(audio) if audio is not None else abort(404)

    @desk.get("/m/<secret>/cases/<reference>/files/<token>")
    @page
    def case_file(visit: Visit, reference: str, token: str) -> Answer:
        return _download(office.cases.file(reference, token))

    @desk.get("/m/<secret>/cases/<reference>/record.<form>")
    @page
    def record(visit: Visit, reference: str, form: str) -> Answer:
        return _download(office.cases.record(visit, reference, form))

    @desk.post("/m/<secret>/cases/<reference>/verdict")
    @form(shown)
    def verdict(visit: Visit, reference: str) -> Answer:
        if not office.cases.judge(visit, reference, request.form):
            abort(404)
        return redirect(url_for("office.case", secret=visit.secret, reference=reference), 303)

    @desk.post("/m/<secret>/cases/<reference>/page")
    @form(shown)
    def page_me(visit: Visit, reference: str) -> Answer:
        if not office.cases.page(visit, reference):
            abort(404)
        return redirect(url_for("office.case", secret=visit.secret, reference=reference), 303)


def _report_files(desk: Blueprint, office: Office, page: Callable[[View], View]) -> None:
    @desk.get("/m/<secret>/report.<form>")
    @page
    def report_file(visit: Visit, form: str) -> Answer:
        found = office.report.file(visit, form) if form in FORMS else abort(404)
        if found is None:  # it takes long: the page says how far it is
            return redirect(f"{visit.address('report')}?{request.query_string.decode('ascii', 'ignore')}")
        content, name = found
        return _download((content, FORMS[form], name))


def _section_pages(desk: Blueprint, office: Office, page: Callable[[View], View], form: Form) -> None:
    known = {section.name: section for section in office.menu}

    def shown(visit: Visit, section: str) -> str:
        found = known.get(section) or abort(404)
        return found.show(visit)

    @desk.get("/m/<secret>/<section>")
    @page
    def section(visit: Visit, section: str) -> Answer:
        return shown(visit, section)

    @desk.post("/m/<secret>/<section>")
    @form(shown)
    def act(visit: Visit, section: str) -> Answer:
        found = known.get(section) or abort(404)
        flaws = found.act(visit, request.form)
        if flaws:
            return shown(replace(visit, refused=Refused("", tuple(flaws), request.form)), section), 400
        # Shown by GET, so that a page that is loaded again asks nothing and sends nothing.
        return redirect(visit.address(section), 303)


def _download(found: tuple[bytes, str, str] | None) -> Response:
    """Content, type and name of a file; it is never shown in the browser, whatever it claims to be."""
    content, kind, name = found or abort(404)
    answer = Response(content, content_type=kind)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _not_found(_error: Exception) -> tuple[str, int]:
    return render("error.html", browsers_language(), error="not_found"), 404


def _internal_fault(_error: Exception) -> tuple[str, int]:
    return render("error.html", browsers_language(), error="internal_desk"), 500
