"""Make infra/breached.bin anew from a list of stolen passwords, one a line: `python -m infra.breached_tool LIST`."""

import sys
from pathlib import Path

from infra.breached import FILE, digest

# Shorter ones are refused for their length.
SHORTEST, LONGEST = 12, 128


def make(lines: list[str]) -> bytes:
    """The file's content for these passwords."""
    long_enough = {line.strip() for line in lines if SHORTEST <= len(line.strip()) <= LONGEST}
    return b"".join(sorted({digest(password) for password in long_enough}))


if __name__ == "__main__":
    FILE.write_bytes(make(Path(sys.argv[1]).read_text(encoding="utf-8", errors="replace").split("\n")))
