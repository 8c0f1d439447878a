"""When its time is over, what is personal of a case is erased: ``personal_data`` of service.yaml."""

import logging
from datetime import datetime, timedelta

from oncall.dispatcher.base import Base
from oncall.escalation import State
from oncall.ports import Failure
from oncall.record import Draft
from oncall.store import Work

log = logging.getLogger(__name__)

_FORGET_EVERY = timedelta(hours=1)
_A_PORTION = 50


class Forgetting(Base):
    def forget_old_cases(self, at: datetime) -> int:
        """Erase what is personal of cases that closed long enough ago; gives of how many.

        Once in the cluster, every hour, a portion at a time. What is held is left alone. What
        cannot be removed from the shelf now is tried again.
        """
        kept = self.books.current().service.personal_data_kept
        if kept is None:
            return 0
        with self.store.writing() as work:
            if not work.first_in_a_while("personal:forget", at, _FORGET_EVERY):
                return 0
            old = work.cases_to_forget(at - kept, _A_PORTION)
        try:
            for case in old:
                self._forget(case, at)
        except Failure as failure:
            log.warning("files of an old case could not be removed: %s", failure)
        return len(old)

    def erase_file(self, case: int, digest: str, at: datetime) -> bool:
        """Erase the content of a file of a closed case; its hash stays. False where it may not be erased.

        Raises the Failure of the shelf: then nothing is written, and it may be tried again.
        """
        with self.store.reading() as work:
            if not _may_be_erased(work, case) or digest not in {file.digest for file in work.files(case)}:
                return False
            is_shared = work.is_on_shelf_for_other_cases(digest, case)
        if not is_shared:
            self.shelf.remove(digest)
        with self.store.writing() as work:
            work.remove_files(case, digest)
            work.append(case, at, (Draft("file_erased", {"sha256": digest}),))
        return True

    def _forget(self, case: int, at: datetime) -> None:
        """First the files, then the word that all is forgotten: after a fall in between it is done again."""
        with self.store.reading() as work:
            digests = {file.digest for file in work.files(case)}
            alone = [digest for digest in digests if not work.is_on_shelf_for_other_cases(digest, case)]
        for digest in alone:
            self.shelf.remove(digest)
        with self.store.writing() as work:
            if _may_be_erased(work, case):
                work.remove_files(case)
                work.erase(case, None, "retention", at)


def _may_be_erased(work: Work, case: int) -> bool:
    row = work.case(case)
    return row is not None and row.state == State.CLOSED and row.held is None
