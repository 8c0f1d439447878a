"""The guard itself: what is agreed, who is on call, what a caller hears, who is paged, what is written.

No module here reads a clock, opens a socket or knows who is outside; the
moment is always an argument called ``at``, aware and in UTC.
"""
