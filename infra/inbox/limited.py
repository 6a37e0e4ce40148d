"""Mails read in a child process that may fail without harm: the one over which it falls is named, the others are read."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.inbox.reading import Unreadable
from infra.inbox.values import unpacked
from infra.incoming import Incoming
from infra.readers.converting import ROOT

SECONDS = 30
START = "import sys; sys.path.insert(0, sys.argv.pop(1)); from infra.inbox.child import main; main()"


def read_many(raws: list[bytes], *, trusted: str = "") -> list[Incoming | Unreadable]:
    """Each mail, or why it can't be read, in their order. After the one that ends the child another child goes on."""
    answers: list[Incoming | Unreadable] = []
    while len(answers) < len(raws):
        answers += _read(raws[len(answers):], trusted)
    return answers


def _read(raws: list[bytes], trusted: str) -> list[Incoming | Unreadable]:
    """As far as one child comes: at least one answer."""
    with TemporaryDirectory(prefix="mails-") as name:
        folder = Path(name)
        for number, raw in enumerate(raws):
            (folder / str(number)).write_bytes(raw)
        ended = _run(folder, trusted)
        answers = [_answer(folder / f"{number}.json") for number in range(len(raws)) if (folder / f"{number}.json").exists()]
    return answers if len(answers) == len(raws) else [*answers, Unreadable(ended)]


def _run(folder: Path, trusted: str) -> str:
    """Why it would have ended early."""
    command = [sys.executable, "-I", "-c", START, str(ROOT), str(folder), trusted]
    try:
        done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False, env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"})  # noqa: S603
    except subprocess.TimeoutExpired:
        return "bomb"
    return "bomb" if done.returncode < 0 or b"MemoryError" in done.stderr else "damaged"


def _answer(path: Path) -> Incoming | Unreadable:
    values = json.loads(path.read_text(encoding="ascii"))
    return Unreadable(values["unreadable"]) if "unreadable" in values else unpacked(values)
