"""When not even the database can be written, managers hear it by mail and by chat, whichever works."""

from app.wiring.alarm import DirectAlarm
from oncall.ports import Unreachable
from tests.app.processes import until
from tests.oncall.fakes import FakeChat, FakeMail, FixedBooks


def test_managers_hear_it_by_mail_and_by_every_chat() -> None:
    mail, chat = FakeMail(), FakeChat({"c1": "slack", "c2": "matrix"})

    DirectAlarm(mail, FixedBooks(), chat)("voice/incoming")

    assert until(lambda: len(chat.told) == 2)
    assert [letter.to for letter in mail.letters] == [("lucia@aivo.example",)]
    assert {letter.facts["where"] for _, letter in chat.told} == {"voice/incoming"}


def test_where_mail_does_not_work_chats_are_told_all_the_same() -> None:
    chat = FakeChat({"c1": "slack", "c2": "matrix"}, failures=[Unreachable("down")])

    DirectAlarm(FakeMail(failures=[Unreachable("down")]), FixedBooks(), chat)("voice/incoming")

    assert until(lambda: [channel for channel, _ in chat.told] == ["c2"])
