"""What a sandbox leaves in its folder, for the commands that are typed beside it."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from app.settings import Settings

SANDBOX_FOLDER = Path("var")
_SECRET = SANDBOX_FOLDER / "secret_key"  # which it makes where there is none
_ADDRESS = SANDBOX_FOLDER / "address"


def note_address(origin: str) -> None:
    """Where it serves: the port may have been told to it alone."""
    with suppress(OSError):  # it serves all the same
        _ADDRESS.parent.mkdir(parents=True, exist_ok=True)
        _ADDRESS.write_text(origin, encoding="ascii")


def of_sandbox(settings: Settings) -> Settings | None:
    """With the secret and the address of the sandbox that has been serving from here; None where none has."""
    if settings.secret_key or not settings.wants_sandbox or not _SECRET.is_file():
        return None
    served = _ADDRESS.read_text(encoding="ascii").strip() if _ADDRESS.is_file() else ""
    return replace(
        settings,
        secret_key=_SECRET.read_text(encoding="ascii").strip(),
        public_url=settings.public_url or served or f"http://127.0.0.1:{settings.port}",
    )
