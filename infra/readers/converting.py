"""One file into a file of rows, in a child process (infra.readers.child) that may fail without harm."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from infra.readers.rows import Unreadable

ROOT = Path(__file__).parents[2]
SECONDS = 30
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from infra.readers.child import main; main()"
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Converted:
    """sheets: the names to choose from, for a workbook; sheet: the one that was read. counts: what a calendar holds."""

    rows: int
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    counts: dict[str, Any] = field(default_factory=dict)


def kind_of(path: Path) -> str:
    """workbook, vcard, ldif, or csv for everything else: by content, never by name."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(WORKBOOKS):
        return "workbook"
    for mark in MARKS:
        start = start.removeprefix(mark)
    text = start.replace(b"\0", b"").lstrip().lower()
    if text.startswith(b"begin:vcard"):
        return "vcard"
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith(b"#")]
    return "ldif" if lines and (lines[0].startswith((b"dn:", b"version: 1", b"version:1"))) else "csv"


def convert(kind: str, path: Path, out: Path, *, sheet: str = "", charset: str = "utf-8", seconds: float = SECONDS) -> Converted:
    """Read `path` into `out`; of a calendar, `sheet` is the moment from which on it is read. Refuses with an Unreadable what can't be read, or not within the child's means."""
    command = [sys.executable, "-I", "-c", START, str(ROOT), kind, str(path), str(out), sheet, charset]
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=False, env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"})  # noqa: S603
    except subprocess.TimeoutExpired:
        raise Unreadable("bomb") from None
    try:
        answer = json.loads(done.stdout) if done.returncode == 0 else None
    except ValueError:
        answer = None
    if answer is None:
        # Killed by its own limits, or fallen over what no reader expected: the file is the reason either way.
        raise Unreadable("bomb" if done.returncode < 0 or b"MemoryError" in done.stderr or b"memory allocation" in done.stderr else "damaged")
    if "refused" in answer:
        raise Unreadable(answer["refused"], **answer["params"])
    return Converted(answer["rows"], tuple(answer["sheets"]), answer["sheet"], answer.get("counts", {}))
