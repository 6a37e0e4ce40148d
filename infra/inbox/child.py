"""The reading process: limits itself first, then reads the mails of a folder, one answer each."""

import json
import sys
from pathlib import Path

from infra.readers.child import limit

# Python's reader holds a mail several times over while it takes it apart.
MEMORY = 640 * 1024 * 1024


def main() -> None:
    """argv: the folder with 0, 1, 2 … and the trusted server's name. Writes 0.json, 1.json … in their order."""
    limit(MEMORY)
    from infra.inbox.reading import Unreadable, read
    from infra.inbox.values import packed

    folder, trusted = Path(sys.argv[1]), sys.argv[2]
    for path in sorted((path for path in folder.iterdir() if path.suffix == ""), key=lambda path: int(path.name)):
        try:
            answer = packed(read(path.read_bytes(), trusted=trusted))
        except Unreadable as refusal:
            answer = {"unreadable": refusal.why}
        except MemoryError:
            answer = {"unreadable": "bomb"}
        done = path.with_suffix(".part")
        with done.open("w", encoding="ascii") as file:
            json.dump(answer, file)
        done.rename(path.with_suffix(".json"))
