"""JSON Schemas of the rosters folder, for editors that complete and check YAML while it is written."""

import json
from pathlib import Path

from app.rosterbook.models import ClientText, PeopleText, ServiceText, Strict, TeamText

_MODELS: dict[str, type[Strict]] = {
    "service": ServiceText,
    "people": PeopleText,
    "team": TeamText,
    "client": ClientText,
}


def schemas() -> dict[str, str]:
    """The text of each schema, by file name."""
    texts = {}
    for name, model in _MODELS.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **model.model_json_schema()}
        texts[f"{name}.json"] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return texts


def write_schemas(folder: Path) -> None:
    """Writes each schema into ``folder``, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8")
