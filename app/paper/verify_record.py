#!/usr/bin/env python3
"""Is this record of Guardia unaltered?  One file, Python 3.9 or later, nothing else.

    python3 verify_record.py G-1042.json [ANCHOR ...]

G-1042.json is the exported record of one case. ANCHOR is the hash of an anchor that was mailed to
you, or a file that holds it, such as that mail. Exit status: 0 unaltered, 1 altered, 2 not a record.

What it does, in the order of this file:

1. Each entry is hashed anew. The hash covers every part of it, and the hash of the entry before it; so
   whoever changes one letter has to change every hash from there on.
2. Names and numbers are covered by a digest with a random salt. What was erased, at a person's request or
   when its time was over, left its digest; and an entry of kind "erased" has to say so. What is
   "withheld" (the phone numbers of Guardia's own people) is not in this copy, but its digest is.
3. Once a day, an anchor covers the last hash of every record that grew, and the anchor before it. Who
   keeps one that was mailed can tell that no hash was made anew since: not even by Guardia's owners.
"""

import hashlib
import json
import re
import sys

ZEROS = "0" * 64
PARTS = {"number", "at", "kind", "actor", "roster", "data", "format", "salts", "withheld", "erased"}
PARTS |= {"previous", "hash"}


def main(arguments):
    if not arguments:
        print(__doc__)
        return 2
    try:
        with open(arguments[0], encoding="utf-8") as file:
            record = json.load(file, object_pairs_hook=once)
        given = [hash_in(argument) for argument in arguments[1:]]
        wrong = first_wrong_entry(record) or first_wrong_anchor(record)
        wrong = wrong or first_unknown_anchor(record, given)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        print("This cannot be read as a record: %s: %s" % (type(error).__name__, error))
        return 2
    if wrong:
        print("%s: ALTERED. %s" % (record["reference"], wrong))
        return 1
    print("%s: unaltered. %s" % (record["reference"], praise(record, given)))
    return 0


# --- 1. the entries ---


def first_wrong_entry(record):
    """What is wrong with the first entry that was changed, removed or added; None if none was."""
    entries, erasures, previous = record["entries"], erasures_in(record), ZEROS
    if record["reference"] != "G-%d" % record["case"]:
        return "The reference was changed: these are the entries of G-%d." % record["case"]
    for expected, entry in enumerate(entries, start=1):
        number = entry["number"]
        if type(number) is not int or number < expected:
            return "Entry %s was added, or changed its place." % number
        if number > expected:
            return "Entry %d was removed." % expected
        unproven = sorted(set(entry) - PARTS)
        if unproven:
            return "To entry %d %s was added, which nothing proves." % (number, ", ".join(unproven))
        if entry["hash"] != hash_of_entry(record["case"], entry, erasures):
            return "Entry %d was changed." % number
        if entry["previous"] != previous:
            return "Entry %d does not follow the one before it: one was removed, added or changed." % number
        unsaid = sorted(set(entry["erased"]) - erasures["fields"].get(number, set()))
        if unsaid:
            return "Of entry %d, %s was removed, and no entry says so." % (number, ", ".join(unsaid))
        if number > record["count"]:
            return "Entry %d was added." % number
        previous = entry["hash"]
    if len(entries) < record["count"]:
        return "Entry %d was removed." % (len(entries) + 1)
    if previous != record["head"]:
        return "Entry %d is not the last that was written." % len(entries)
    return None


def hash_of_entry(case, entry, erasures):
    data, salts, erased, withheld = entry["data"], entry["salts"], entry["erased"], entry["withheld"]
    start = [case, entry["number"], entry["at"], entry["kind"], entry["actor"]]
    if entry["format"] in (2, 3):
        if set(salts) - set(data) or (set(erased) | set(withheld)) & set(data) or set(erased) & set(withheld):
            return "these parts contradict each other"
        plain = {name: value for name, value in data.items() if name not in salts}
        digests = {name: hash_of([salt, name, data[name]]) for name, salt in salts.items()}
        digests.update(erased)
        digests.update(withheld)
        if entry["format"] == 3:
            return hash_of([3, *start, entry["roster"], plain, digests, entry["previous"]])
        if entry.get("roster") is not None:
            return "this format notes no rosters"
        return hash_of([2, *start, plain, digests, entry["previous"]])
    if entry["format"] != 1 or salts or withheld or entry.get("roster") is not None:
        return "there is no such format"
    if not erased:  # as Guardia 0.1 wrote it: over the data as they are
        return hash_of([*start, data, entry["previous"]])
    # Of such an entry something was erased: what is left was hashed then, by the entry that says so.
    rest = hash_of([*start, data, erased, entry["previous"], entry["hash"]])
    return entry["hash"] if erasures["rests"].get(entry["number"]) == rest else "what is left was changed"


# --- 2. what was erased ---


def erasures_in(record):
    """Which fields of which entries were erased, as the entries of kind "erased" say it of earlier ones."""
    fields, rests, unknown = {}, {}, {"fields": {}, "rests": {}}
    for entry in record["entries"]:
        if entry["kind"] == "erased" and entry["hash"] == hash_of_entry(record["case"], entry, unknown):
            for number, names in entry["data"]["fields"].items():
                if int(number) < entry["number"]:
                    fields.setdefault(int(number), set()).update(names)
            for number, rest in (entry["data"].get("rests") or {}).items():
                rests[int(number)] = rest
    return {"fields": fields, "rests": rests}


# --- 3. the anchors ---


def first_wrong_anchor(record):
    """What is wrong with the first anchor that is not what it was; None if all hold."""
    anchors = {anchor["number"]: anchor for anchor in record["anchors"]}
    before = None
    for anchor in record["anchors"]:
        parts = [anchor[name] for name in ("number", "day", "at", "previous", "cases", "root")]
        if anchor["hash"] != hash_of(["anchor", *parts]):
            return "The anchor of %s was changed." % anchor["day"]
        if before and (anchor["previous"], anchor["number"]) != (before["hash"], before["number"] + 1):
            return "The anchor of %s does not follow the one before it." % anchor["day"]
        before = anchor
    for point in record["anchored"]:
        anchor = anchors[point["anchor"]]
        found = hash_of(["head", record["case"], point["count"], point["head"]])
        for side, neighbour in point["path"]:
            pair = {"left": [neighbour, found], "right": [found, neighbour]}[side]
            found = hash_of(["node", *pair])
        if found != anchor["root"]:
            return "This record is not under the anchor of %s as it says." % anchor["day"]
        entries = record["entries"]
        if point["count"] > len(entries) or entries[point["count"] - 1]["hash"] != point["head"]:
            return "Entry %d is not the one under the anchor of %s: all was written anew." % (
                point["count"],
                anchor["day"],
            )
    return None


def first_unknown_anchor(record, given):
    known = {anchor["hash"] for anchor in record["anchors"]}
    for wanted in given:
        if wanted not in known:
            return (
                "The anchor %s is not among those of this record: it was written anew, "
                "or the anchor is older than the case, newer than the export, or of another guard." % wanted
            )
    return None


def praise(record, given):
    """Since when it is unaltered, as far as this proves."""
    count = len(record["entries"])
    said = "%d entries, each as it was written." % count
    held = [anchor for anchor in record["anchors"] if anchor["hash"] in given]
    if held:
        latest = held[-1]
        under = [p["count"] for p in record["anchored"] if p["anchor"] <= latest["number"]]
        return said + " Entries 1 to %d are unaltered since the end of %s (UTC): that anchor is yours." % (
            max(under),
            latest["day"],
        )
    if record["anchored"]:
        first = next(a for a in record["anchors"] if a["number"] == record["anchored"][0]["anchor"])
        return said + " Unaltered since the end of %s (UTC), if the anchor mailed for it was %s." % (
            first["day"],
            first["hash"],
        )
    return (
        said
        + " No anchor covers it yet: the record agrees with itself, and its last hash is %s."
        % (record["head"])
    )


# --- how anything is read and hashed ---


def once(pairs):
    """An object of the file; two values under one name could be read either way."""
    found = {}
    for name, value in pairs:
        if name in found:
            raise ValueError("%s stands there twice" % name)
        found[name] = value
    return found


def hash_of(content):
    """SHA-256 of JSON: keys in order, no spaces, letters as they are, UTF-8."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def hash_in(argument):
    """The hash itself, or the first in a file."""
    if not re.fullmatch(r"[0-9a-f]{64}", argument):
        with open(argument, encoding="utf-8", errors="replace") as file:
            found = re.search(r"\b[0-9a-f]{64}\b", file.read())
        if not found:
            raise ValueError("no anchor in " + argument)
        return found.group(0)
    return argument


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
