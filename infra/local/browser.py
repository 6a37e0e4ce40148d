"""Finds Chromium for the browser tests, and installs it where that is possible; standard library only."""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find() -> str | None:
    """The path of an installed Chromium; TENDERO_CHROMIUM, if set, wins."""
    return os.environ.get("TENDERO_CHROMIUM") or next((path for path in map(shutil.which, NAMES) if path), None)


def install() -> str | None:
    """Installs the distribution's package, as root with apt-get only; the path, or None where that failed."""
    if os.geteuid() or not shutil.which("apt-get"):
        return None
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "stdin": subprocess.DEVNULL, "check": False,
             "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}}
    subprocess.run(["apt-get", "update", "-q"], **quiet)
    subprocess.run(["apt-get", "install", "-q", "-y", "--no-install-recommends", "chromium"], **quiet)
    return find()
