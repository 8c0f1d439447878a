"""What leaves in writing: letters with their files, chats, and what happens when mail does not work."""

from datetime import timedelta

from oncall.dispatcher.post import LARGEST_TOGETHER
from oncall.ports import Refused, Unreachable
from oncall.record import Entry
from tests.oncall.fakes import Stage

_DAY = timedelta(days=1).total_seconds()


def order_letter(stage: Stage, *files: tuple[str, bytes | str]) -> None:
    """A letter of the case with files, each put on the shelf, or known by a digest alone."""
    listed = [
        {
            "name": name,
            "media_type": "text/plain",
            "digest": content if isinstance(content, str) else stage.dispatcher.shelf.put(content),
        }
        for name, content in files
    ]
    payload = {
        "template": "record",
        "language": "es",
        "to": ["marta@acme.example"],
        "bcc": [],
        "reference": "G-1001",
        "number": 9,
        "facts": {},
        "files": listed,
    }
    with stage.store.writing() as work:
        work.order("mail", "mail:1001:9", stage.clock.at, timedelta(days=1), case=1001, payload=payload)


def mailed(stage: Stage, template: str = "record") -> Entry:
    return next(e for e in stage.record() if e.kind == "mailed" and e.data["template"] == template)


def test_a_letter_takes_its_files_from_the_shelf_when_it_leaves(stage: Stage) -> None:
    stage.open_incident()
    order_letter(stage, ("a.txt", b"first"), ("b.txt", b"second"))

    stage.tick()

    letter = next(letter for letter in stage.mail.letters if letter.template == "record")
    assert [(a.name, a.content) for a in letter.attachments] == [("a.txt", b"first"), ("b.txt", b"second")]
    assert [file["attached"] for file in mailed(stage).data["files"]] == [True, True]


def test_a_file_that_is_gone_does_not_stop_the_letter(stage: Stage) -> None:
    stage.open_incident()
    order_letter(stage, ("gone.txt", "0" * 64), ("b.txt", b"second"))

    stage.tick()

    attached = {file["name"]: file["attached"] for file in mailed(stage).data["files"]}
    assert attached == {"gone.txt": False, "b.txt": True}


def test_what_would_make_a_mail_too_heavy_is_named_and_left_out(stage: Stage) -> None:
    stage.open_incident()
    large = b"x" * (LARGEST_TOGETHER - 10)
    order_letter(stage, ("large.txt", large), ("more.txt", b"y" * 11), ("small.txt", b"z"))

    stage.tick()

    letter = next(letter for letter in stage.mail.letters if letter.template == "record")
    told = [(a.name, a.content is not None, a.is_too_large) for a in letter.attachments]
    assert told == [("large.txt", True, False), ("more.txt", False, True), ("small.txt", True, False)]


def test_the_record_says_by_which_id_and_with_which_bytes_a_mail_left(stage: Stage) -> None:
    stage.open_incident()

    stage.tick()

    entry = mailed(stage, "opened")
    assert entry.data["message_id"].startswith("<")
    assert len(entry.data["sha256"]) == 64


def test_mail_that_was_down_for_a_day_is_told_by_text_and_by_chat(stage: Stage) -> None:
    stage.chat.kinds = {"c1": "slack"}
    stage.mail.failures = [Unreachable("no mail server")] * 1000
    stage.open_incident()

    for _ in range(110):
        stage.tick(after=15 * 60)

    assert "mail_failed" in stage.kinds()
    texts = [sms.key for to, sms in stage.telephone.texts if to == "+5491155550105"]
    assert texts.count("sms.mail_failed") == 1
    assert "mail_failed" in {letter.facts.get("what") for _, letter in stage.chat.told}


def test_a_wrong_address_is_told_to_the_managers_at_once(stage: Stage) -> None:
    stage.mail.failures = [Refused("the mail server answered 550", "550")]
    stage.open_incident()

    stage.tick()

    alarms = [letter for letter in stage.mail.letters if letter.template == "alarm"]
    assert [letter.facts["what"] for letter in alarms] == ["mail_failed"]
    assert "marta@acme.example" in alarms[0].facts["where"]


def test_managers_hear_of_it_by_each_chat_too_and_the_record_says_so(stage: Stage) -> None:
    stage.chat.kinds = {"c1": "slack", "c2": "matrix"}
    stage.dispatcher.beat("worker", stage.clock.at)

    stage.open_incident()
    stage.tick()
    stage.tick(after=200)
    stage.tick(after=200)
    stage.tick(after=400)

    assert {(channel, letter.template) for channel, letter in stage.chat.told} >= {
        ("c1", "not_taken"),
        ("c2", "not_taken"),
    }
    assert "chat_told" in stage.kinds()
    assert all(letter.facts["entries"] == [] for _, letter in stage.chat.told)


def test_a_chat_that_is_down_is_tried_again_alone(stage: Stage) -> None:
    stage.chat.kinds = {"c1": "slack", "c2": "matrix"}
    stage.chat.failures = [Unreachable("down")]
    stage.dispatcher.alarm_rosters(["people.yaml:1:1: wrong"], stage.clock.at)

    stage.tick()
    assert len(stage.chat.told) == 1
    stage.tick(after=61)

    assert sorted(channel for channel, _ in stage.chat.told) == ["c1", "c2"]


def test_a_chat_that_refuses_for_good_stands_in_the_record(stage: Stage) -> None:
    stage.chat.kinds = {"c1": "slack"}
    stage.chat.failures = [Refused("gone")] * 9
    stage.open_incident()
    stage.tick()
    for _ in range(3):
        stage.tick(after=400)

    assert "chat_failed" in stage.kinds()
