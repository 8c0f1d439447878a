"""Fails when a file of app/ or oncall/ that git knows is not in the wheel named on the command line."""

import subprocess
import sys
import zipfile

listed = subprocess.run(
    ["git", "ls-files", "-z", "app", "oncall"], check=True, capture_output=True, text=True
)
in_the_tree = {name for name in listed.stdout.split("\0") if name}
in_the_wheel = set(zipfile.ZipFile(sys.argv[1]).namelist())
absent = sorted(in_the_tree - in_the_wheel)
if absent:
    sys.exit("not in the wheel: " + ", ".join(absent))
