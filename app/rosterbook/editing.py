"""Changes a team's file as a careful person would: one entry more, comments and order kept."""

import io
from collections.abc import Mapping

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from app.rosterbook.source import parse


class CannotEdit(Exception):
    """The file is laid out in a way that cannot be kept; it is to be edited by hand."""


def with_override(text: str, override: Mapping[str, str]) -> str:
    """The text of a team's file with one override more; raises ``CannotEdit``."""
    yaml = YAML()  # round trip: what was written stays as it was
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(mapping=2, sequence=4, offset=2)
    try:
        document = yaml.load(text)
    except YAMLError as error:
        raise CannotEdit("the file cannot be read as it is: run `guardia check`") from error
    entry = CommentedMap(override)
    entry.fa.set_flow_style()
    if document.get("overrides") is None:
        document["overrides"] = CommentedSeq()
    document["overrides"].append(entry)
    written = io.StringIO()
    yaml.dump(document, written)
    _assert_nothing_else_changed(text, written.getvalue(), dict(override))
    return written.getvalue()


def _assert_nothing_else_changed(before: str, after: str, override: dict[str, str]) -> None:
    expected, found = dict(parse(before).value), parse(after).value
    expected["overrides"] = [*(expected.get("overrides") or []), override]
    ours = sum(value.count("#") for value in override.values())  # quoted; the others may begin comments
    if found != expected or before.count("#") + ours != after.count("#"):
        raise CannotEdit("the file cannot be changed without changing more of it: edit it by hand")
