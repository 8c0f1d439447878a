"""What a letter says, as text and as HTML, from one template.

A template (``templates/opened.jinja``) is written once, in words like ``paragraph``
and ``table``; ``kit.txt`` and ``kit.html`` give them their two forms. Facts that are
missing leave their line out.
"""

import re
from dataclasses import dataclass
from functools import cache
from textwrap import wrap

from jinja2 import ChainableUndefined, Environment, PackageLoader

from app.mail.reader import Reader
from oncall.ports import Letter

_TEXT_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Written:
    headline: str
    text: str
    html: str


def write(letter: Letter, answers_are_read: bool = False) -> Written:
    """The letter in its language, with local times. Raises TemplateNotFound for an unknown template."""
    reader = Reader(letter)
    may_answer = answers_are_read and letter.reference is not None
    text, html = (_render(letter, reader, form, may_answer) for form in ("txt", "html"))
    return Written(reader.headline(), text, html)


def _render(letter: Letter, reader: Reader, form: str, may_answer: bool) -> str:
    template = _environment(form).get_template(f"{letter.template}.jinja")
    said = template.render(
        letter=letter, facts=letter.facts, reader=reader, t=reader.say, may_answer=may_answer
    )
    return re.sub(r"\n{3,}", "\n\n", said.strip()) + "\n"


@cache
def _environment(form: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("app.mail"),
        autoescape=form == "html",
        undefined=ChainableUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["frame"] = f"frame.{form}"
    environment.globals["words"] = f"kit.{form}"
    environment.filters["wrapped"] = _wrapped
    return environment


def _wrapped(paragraph: str, indent: str = "") -> str:
    """Lines that a mail program need not break; addresses of pages stay whole."""
    lines = wrap(
        paragraph,
        _TEXT_WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(lines)
