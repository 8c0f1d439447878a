"""The written record: entries that are appended and never changed, each holding the hash of the one before.

``chain`` proves it, ``anchors`` prove that it was not written anew, ``grammar``
says what each kind of entry holds and which of it can be erased.
"""

from oncall.record.anchors import Anchor, Head, drop_anchor, first_broken_anchor, leaf, path_of, root_of
from oncall.record.chain import GENESIS, Draft, Entry, digest_of, erased, first_broken, hash_of, seal
from oncall.record.grammar import GRAMMAR, misfits, personal_fields
from oncall.record.reading import RosterSpan, in_order_of_time, roster_spans

__all__ = [
    "GENESIS",
    "GRAMMAR",
    "Anchor",
    "Draft",
    "Entry",
    "Head",
    "RosterSpan",
    "digest_of",
    "drop_anchor",
    "erased",
    "first_broken",
    "first_broken_anchor",
    "hash_of",
    "in_order_of_time",
    "leaf",
    "misfits",
    "path_of",
    "personal_fields",
    "root_of",
    "roster_spans",
    "seal",
]
