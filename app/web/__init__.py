"""What people see in a browser: the page behind the link of a page, where an engineer takes the case."""

from app.web.desk import CaseView, Desk, EntryLine, Taken
from app.web.pages import pages_blueprint

__all__ = ["CaseView", "Desk", "EntryLine", "Taken", "pages_blueprint"]
