"""The written record: entries that are appended and never changed, each holding the hash of the one before.

``chain`` proves it, ``grammar`` says what each kind of entry holds and which of it can be erased.
"""

from oncall.record.chain import GENESIS, Draft, Entry, digest_of, erased, first_broken, seal
from oncall.record.grammar import GRAMMAR, misfits, personal_fields

__all__ = [
    "GENESIS",
    "GRAMMAR",
    "Draft",
    "Entry",
    "digest_of",
    "erased",
    "first_broken",
    "misfits",
    "personal_fields",
    "seal",
]
