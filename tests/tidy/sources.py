"""The files that the house rules are about."""

import functools
import pathlib
import subprocess

from floors import FLOORS

ROOT = pathlib.Path(__file__).resolve().parents[2]


def relative(path):
    return path.relative_to(ROOT).as_posix()


@functools.cache
def tracked():
    """Everything that is, or is about to be, under version control."""
    listed = subprocess.run(["git", "-c", f"safe.directory={ROOT}", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT,
                            capture_output=True, check=True).stdout.decode()
    return sorted(path for name in listed.split("\0") if name and (path := ROOT / name).is_file())


def sources_of(floor):
    """C++ files; those of one floor, or of all with ""."""
    return [path for path in tracked() if path.suffix in (".cpp", ".hpp") and floor in ("", floor_of(path))]


def floor_of(path):
    """The floor that a file lives on: the longest matching name of the table, else its folder."""
    folder = relative(path.parent)
    matching = [floor for floor in FLOORS if folder == floor or folder.startswith(floor + "/")]
    return max(matching, key=len) if matching else folder
