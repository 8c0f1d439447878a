"""Say, Play, Pause, Redirect, Reject, Hangup."""

from app.sandbox.program import Activity
from app.sandbox.verbs.prompts import Prompts


class Prompt(Activity):
    """Say, Play or Pause outside a Gather: keys pressed meanwhile are lost."""

    _prompts: Prompts

    def start(self) -> None:
        self._prompts = Prompts(self.call, [self.element], self.program.proceed)
        self._prompts.start()

    def stop(self, reason: str) -> None:
        self._prompts.stop()


class Redirect(Activity):
    """Control goes to another document; whatever follows is unreachable."""

    def start(self) -> None:
        url = self.program.resolve((self.element.text or "").strip())
        self.program.load(url, self.attribute("method", "POST"))


class Reject(Activity):
    """Declines an inbound call without answering it."""

    def start(self) -> None:
        self.call.end("busy" if self.attribute("reason") == "busy" else "no-answer")


class Hangup(Activity):
    """Ends the call."""

    def start(self) -> None:
        self.call.end("completed")
