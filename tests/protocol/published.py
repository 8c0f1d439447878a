"""Takes what we use from Twilio's own packages and writes the two tables beside this file.

Run it as README.md says, with the unpacked npm packages @twilio/cli-core and twilio.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
OPENAPI = HERE / "twilio_api_v2010.json"
VERBS = HERE / "twiml_verbs.json"

_ACCOUNT = r"^/2010-04-01/Accounts/\{AccountSid\}"
_PATHS_WE_USE = re.compile(
    rf"{_ACCOUNT}/(Calls|Messages|Recordings|Conferences|Queues|IncomingPhoneNumbers)(/\{{\w+\}})?\.json$"
    rf"|{_ACCOUNT}/(Calls|Conferences)/\{{\w+\}}/Recordings(/\{{\w+\}})?\.json$"
    rf"|{_ACCOUNT}/Conferences/\{{\w+\}}/Participants(/\{{\w+\}})?\.json$"
    rf"|{_ACCOUNT}/Queues/\{{\w+\}}/Members(/\{{\w+\}})?\.json$"
)
_METHODS = ("get", "post", "delete")
_PROSE = {"description", "example", "examples", "summary", "tags", "x-twilio", "headers", "title"}
_ELEMENTS_NOT_SPOKEN = {"Connect", "Echo", "Pay", "Prompt", "Refer", "Sms", "Start", "Stop"}


def main(cli_core: Path, twilio: Path) -> None:
    document = json.loads((cli_core / "src/services/twilio-api/twilio_api_v2010.json").read_text("utf-8"))
    _write(OPENAPI, trimmed_openapi(document))
    _write(VERBS, {name: verbs(twilio / "lib/twiml", name) for name in ("Voice", "Messaging")})


def trimmed_openapi(document: dict[str, Any]) -> dict[str, Any]:
    """The paths that Guardia may use, without prose and examples, and the schemas that they name."""
    paths = {}
    for path, item in document["paths"].items():
        if _PATHS_WE_USE.search(path):
            paths[path] = {method: _without_prose(item[method]) for method in _METHODS if method in item}
    schemas: dict[str, Any] = {}
    wanted = _names_of_schemas(paths)
    while wanted:
        name = wanted.pop()
        schemas[name] = _without_prose(document["components"]["schemas"][name])
        wanted |= _names_of_schemas(schemas[name]) - schemas.keys()
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": paths,
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def verbs(folder: Path, dialect: str) -> dict[str, Any]:
    """Which element may hold which, each one's attributes with their types, and the values of the types."""
    types = (folder / f"{dialect}Response.d.ts").read_text("utf-8")
    code = (folder / f"{dialect}Response.js").read_text("utf-8")
    children: dict[str, set[str]] = {}
    element_of_class: dict[str, str] = {"Response": "Response"}
    edges = re.findall(r'new \w+Response\.(\w+)\(this\.(\w+)\.ele\("([\w-]+)"', code)
    for class_name, _, element in edges:
        element_of_class[class_name] = element
    for _, parent, element in edges:
        holder = element_of_class[parent[0].upper() + parent[1:]]
        children.setdefault(holder, set()).add(element)
    reached = _reachable(children)
    attributes: dict[str, dict[str, str]] = {}
    for class_name, element in element_of_class.items():
        if element in reached:
            attributes.setdefault(element, {}).update(_attributes_of(class_name, types))
    named = {kind.removesuffix("[]") for table in attributes.values() for kind in table.values()}
    values = {
        name: re.findall(r'"([^"]*)"', union)
        for name, union in re.findall(r"^ +type (\w+) = (.*);$", types, re.MULTILINE)
        if name in named
    }
    return {
        "children": {element: sorted(children.get(element, set()) & reached) for element in sorted(reached)},
        "attributes": {element: dict(sorted(attributes[element].items())) for element in sorted(reached)},
        "values": dict(sorted(values.items())),
    }


def _attributes_of(class_name: str, types: str) -> dict[str, str]:
    """The attributes of a class: a name may be declared several times, and then they add up."""
    bodies = re.findall(rf"interface {class_name}Attributes \{{(.*?)^    \}}", types, re.S | re.M)
    pairs = re.findall(r'^ +"?([\w:-]+)"?\?: ([\w\[\]]+);$', "".join(bodies), re.MULTILINE)
    return dict(pairs)


def _reachable(children: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    wanted = {"Response"}
    while wanted:
        element = wanted.pop()
        reached.add(element)
        wanted |= children.get(element, set()) - reached - _ELEMENTS_NOT_SPOKEN
    return reached


def _without_prose(node: Any) -> Any:
    """A parameter may be called like a keyword of prose, so the names of properties are kept as they are."""
    if isinstance(node, list):
        return [_without_prose(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: {name: _without_prose(value) for name, value in child.items()}
        if key == "properties"
        else _without_prose(child)
        for key, child in node.items()
        if key not in _PROSE
    }


def _names_of_schemas(node: Any) -> set[str]:
    return set(re.findall(r'"#/components/schemas/([^"]+)"', json.dumps(node)))


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
