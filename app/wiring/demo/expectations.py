"""What a scenario claims, checked against what happened: nothing passes because nobody looked."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.wiring.demo.stage import Stage

# How most records begin, and what one person's page adds to them.
REPORTED = ("call_arrived", "caller_identified", "integration_chosen", "priority_chosen", "opened")
PAGED = ("level_began", "page_requested", "page_requested", "page_ringing")
# Entries that say something went wrong; they stand in a record only where a scenario claims them.
_TROUBLE = frozenset({"unexpected", "internal_error", "provider_error", "mail_failed", "text_failed"})


@dataclass(frozen=True, slots=True)
class Expectation:
    """One claim in words, whether it holds, and what was found instead."""

    claim: str
    holds: bool
    found: str = ""


class Expectations:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.made: list[Expectation] = []
        self._claimed: set[str] = set()

    @property
    def hold(self) -> bool:
        return bool(self.made) and all(expectation.holds for expectation in self.made)

    def that(self, claim: str, holds: bool, found: object = "") -> None:
        self.made.append(Expectation(claim, holds, "" if holds else str(found)))

    def rang(self, **times: int) -> None:
        """These phones rang so often, and nothing else did."""
        found = dict(self.stage.rings())
        told = _listed(f"{who} {_times(n)}" for who, n in times.items()) or "no phone"
        self.that(f"rang: {told}; nothing else" if times else "no phone rang", found == times, found)

    def record(self, *kinds: str, case: int = 0) -> None:
        """The record of a case holds exactly these entries in this order (the post apart)."""
        found = self.stage.kinds(case)
        self._claimed.update(kinds)
        first = next((i for i, pair in enumerate(_pairs(kinds, found)) if pair[0] != pair[1]), None)
        where = (
            f"entry {first + 1}: {_pairs(kinds, found)[first]}; all: {' '.join(found)}"
            if first is not None
            else ""
        )
        of = f" of case {case + 1}" if case else ""
        self.that(f"the record{of} tells {len(kinds)} entries: {', '.join(kinds)}", first is None, where)

    def mailed(self, case: int = 0, **templates: str) -> None:
        """Who was written to: ``mailed(opened="marta lucia")``, and nobody else."""
        wanted = {t: {self.stage.address(who) for who in names.split()} for t, names in templates.items()}
        found = self.stage.letters(case)
        told = "; ".join(f"{template} to {_listed(names.split())}" for template, names in templates.items())
        of = f" about case {case + 1}" if case else ""
        self.that(f"mailed{of}: {told or 'nothing'}", found == wanted, found)

    def texted(self, **kinds: str) -> None:
        """Who was texted what: ``texted(ana="page", bruno="page news")``, and nobody else."""
        found = {who: " ".join(texts) for who, texts in self.stage.texts().items()}
        told = "; ".join(f"{who} ({texts})" for who, texts in kinds.items())
        self.that(f"texted: {told or 'nobody'}", found == kinds, found)

    def case(self, case: int = 0, **facts: object) -> None:
        """The case stands so: ``case(state="closed", acknowledged_by="ana")``."""
        cases = self.stage.summaries()
        found = {name: cases[case].get(name) for name in facts} if case < len(cases) else "no such case"
        told = ", ".join(f"{name.replace('_', ' ')} {value or 'nothing'}" for name, value in facts.items())
        self.that(f"case{f' {case + 1}' if case else ''}: {told}", found == facts, found)

    def cases(self, count: int) -> None:
        found = len(self.stage.summaries())
        told = {0: "no case was opened", 1: "one case was opened"}.get(count, f"{count} cases were opened")
        self.that(told, found == count, found)

    def heard(self, who: str, *phrases: str) -> None:
        """These words were heard on that phone, in this order."""
        said = " | ".join(self.stage.heard(who))
        position, holds = 0, True
        for phrase in phrases:
            found = said.find(phrase, position)
            holds, position = holds and found >= 0, max(found, position)
        told = " … ".join(f"“{phrase}”" for phrase in phrases)
        self.that(f"{who} heard {told}", holds, said)

    def nobody_heard(self, phrase: str) -> None:
        by = [who for who in self.stage.numbers if any(phrase in line for line in self.stage.heard(who))]
        self.that(f"nobody heard “{phrase}”", not by, by)

    def what_always_holds(self, errors: Iterable[str] = ()) -> None:
        """The telephone company found no fault, each record proves itself, the post was delivered."""
        faults = [f"{fault.url}: {fault.problem}" for fault in self.stage.world.exchange.faults]
        self.that("Twilio found no fault with any document", not faults, faults)
        altered = self.stage.altered()
        self.that("each record proves itself unaltered", not altered, altered)
        undelivered = self._undelivered()
        self.that("each mail in the record was delivered", not undelivered, undelivered)
        kinds = {entry["kind"] for case in self.stage.cases() for entry in case["entries"]}
        trouble = sorted((kinds & _TROUBLE) - self._claimed)
        self.that("no trouble but what was arranged", not trouble and not list(errors), [*trouble, *errors])

    def _undelivered(self) -> list[str]:
        """Letters that the record tells of and the post does not have, and the other way round."""
        post = [(_reference(mail.subject), frozenset(mail.to)) for mail in self.stage.world.mails]
        missing = []
        for case in self.stage.cases():
            for entry in case["entries"]:
                if entry["kind"] != "mailed":
                    continue
                to = frozenset(entry["data"]["to"])
                arrived = next((m for m in post if m[0] == case["reference"] and to <= m[1]), None)
                if arrived is None:
                    missing.append(f"{case['reference']} to {', '.join(sorted(to))}")
                else:
                    post.remove(arrived)
        return [*missing, *(f"unwritten: {reference} to {sorted(to)}" for reference, to in post if reference)]


def _reference(subject: str) -> str:
    return subject.partition("]")[0].removeprefix("[") if subject.startswith("[G-") else ""


def _pairs(wanted: Iterable[str], found: Iterable[str]) -> list[tuple[str, str]]:
    left, right = list(wanted), list(found)
    length = max(len(left), len(right))
    left += ["nothing"] * (length - len(left))
    right += ["nothing"] * (length - len(right))
    return list(zip(left, right, strict=True))


def _listed(items: Iterable[str]) -> str:
    return ", ".join(items)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
