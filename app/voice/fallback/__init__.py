"""The emergency exit: what a guard line does while all of this is down.

Documents that need nothing of ours are kept where another web server serves
them: they ring who is on call, then the next levels, and take a message.
"""

from app.voice.fallback.places import Place, PlaceError, open_place
from app.voice.fallback.publisher import Published, Publisher

__all__ = ["Place", "PlaceError", "Published", "Publisher", "open_place"]
