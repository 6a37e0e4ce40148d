"""Fonts for paper: Chinese and Korean come from npm packages with locked versions, once, when they are first needed.

Without them Typst's own fonts print Latin and Cyrillic; a text that needs more is refused rather than printed as boxes.
`python -m infra.fonts [folder]` (or bin/tendero fonts) brings them. Never called by a web request: it takes a minute.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from infra import assets

PACKAGES = Path(__file__).parent / "fonts_npm"
FILES = tuple(
    f"@expo-google-fonts/noto-sans-{code.lower()}/{weight}/NotoSans{code}_{weight}.ttf" for code in ("SC", "KR") for weight in ("400Regular", "700Bold")
) + tuple(f"@expo-google-fonts/noto-sans-{code}/LICENSE_FONT" for code in ("sc", "kr"))
STAMP = ".lock"
SECONDS = 900
# What Typst's own fonts have no glyphs for and ours do: Han, kana, bopomofo, Hangul, their punctuation and wide forms.
WIDE = re.compile("[\u1100-\u11ff\u2e80-\u318f\u31a0-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef\U00020000-\U0003ffff]")


class FontsFailed(Exception):
    """One sentence that says why they did not come."""


def needed(data: Any) -> bool:
    """Does any text in these JSON values need the fonts?"""
    return bool(WIDE.search(json.dumps(data, ensure_ascii=False)))


def present(folder: Path) -> bool:
    """Are they there, all of them, in the versions of the lock?"""
    try:
        return (folder / STAMP).read_text() == _lock()
    except OSError:
        return False


def bring(folder: Path) -> bool:
    """Have them in `folder`; False where they were there. Two at once: the second waits, then finds them. Raises FontsFailed."""
    if present(folder):
        return False
    folder.mkdir(parents=True, exist_ok=True)
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if present(folder):
            return False
        with tempfile.TemporaryDirectory(dir=folder, prefix=".new-") as work:
            _fetch(Path(work))
            for name in FILES:
                source = Path(work, "node_modules", name)
                os.replace(source, folder / (name.split("/")[1] + ".LICENSE" if name.endswith("LICENSE_FONT") else source.name))
            # Last: whatever dies before leaves no half set that counts as one.
            (Path(work) / STAMP).write_text(_lock())
            os.replace(Path(work) / STAMP, folder / STAMP)
    except OSError as problem:
        raise FontsFailed(f"The print fonts could not be written to {folder}: {problem}.") from problem
    finally:
        os.close(handle)
    return True


def _fetch(work: Path) -> None:
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(PACKAGES / name, work / name)
    try:
        command = [*assets.npm(), "ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run(command, cwd=work, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except (assets.AssetError, OSError, subprocess.TimeoutExpired) as problem:
        raise FontsFailed(f"npm could not fetch the print fonts: {problem}") from problem
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip() and "complete log" not in line]
        reason = (lines[-1] if lines else "no message").removeprefix("npm error ").strip()
        raise FontsFailed(f"npm could not fetch the print fonts named in infra/fonts_npm/package-lock.json: {reason}")


def _lock() -> str:
    return hashlib.sha256((PACKAGES / "package-lock.json").read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    """Bring them to the folder given, else to FONTS_DIR or fonts/ below the home. One sentence where they don't come."""
    from infra.bootstrap import home

    folder = Path(arguments[0] if arguments else os.environ.get("FONTS_DIR") or home() / "fonts")
    try:
        fresh = bring(folder)
    except FontsFailed as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    sys.stdout.write(f"The print fonts are in {folder}{'' if fresh else ' already'}.\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
