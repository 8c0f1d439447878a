"""A form that was not done: shown again with what is wrong beside each field, and all that was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from app.locales import text

# The fields in which people write more than they would like to write again.
_WORDS = ("text", "agreed", "asked", "cause", "done", "why", "request", "response", "notice", "evidence")

WHOLE = ""  # the field of what is wrong with none in particular


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong, in the reader's language, and the name of the field it stands in."""

    field: str
    words: str


@dataclass(frozen=True, slots=True)
class Refused:
    """``act`` says which form of the page it was."""

    act: str
    flaws: tuple[Flaw, ...]
    typed: Mapping[str, str] = field(default_factory=dict)

    def of(self, act: str, name: str) -> tuple[str, ...]:
        """What is wrong with a field."""
        return tuple(flaw.words for flaw in self.flaws if act == self.act and flaw.field == name)

    def kept(self, act: str, name: str, otherwise: str = "") -> str:
        """What was typed into a field; ``otherwise`` in a form that was not refused."""
        return self.typed.get(name, "") if act == self.act else otherwise

    @property
    def texts(self) -> tuple[str, ...]:
        """What was written in words, for a page that has the form no longer."""
        return tuple(self.typed[name] for name in _WORDS if self.typed.get(name, "").strip())


NOTHING_REFUSED = Refused("", ())


def expired(language: str, typed: Mapping[str, str], act: str = "", with_files: bool = False) -> Refused:
    """A form whose proof that it came from our page is too old: nothing was done, nothing typed is lost."""
    flaws = [Flaw(WHOLE, text("web.form_expired", language))]
    if with_files:
        flaws.append(Flaw("files", text("web.files_again", language)))
    return Refused(act, tuple(flaws), typed)
