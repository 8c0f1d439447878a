"""The managers' desk, ``/m/<secret>``: every case, the service report, and what else a manager does.

Whoever holds the address is that manager: it is signed like the calendars' addresses, and opens
nothing once the person is no longer among ``managers`` in ``service.yaml``, or was given another
(``guardia links --new-desk``). ``guardia links`` prints them, and so does ``make run``. Pages speak
the manager's language, show times as in the service's time zone, need no script, and are kept by
nobody.

The desk itself has the cases (``casepages``). Everything else is a *section*: something with a
name, a page and, if it does anything, an ``act``. A room that has something to show to managers
writes a class with these (``sections.Section``) and is put into the list in ``app.wiring.office``;
it then stands in the menu, at ``/m/<secret>/<name>``, under the words ``web.office.<name>``.
A form on its page posts to that same address with ``visit.csrf_token()`` in its field
``csrf_token``; the desk has checked link and token before ``act`` is asked.
"""

from app.web.office.desklinks import DeskLinks, generations
from app.web.office.pages import Office, office_blueprint
from app.web.office.sections import Section, Visit

__all__ = ["DeskLinks", "Office", "Section", "Visit", "generations", "office_blueprint"]
