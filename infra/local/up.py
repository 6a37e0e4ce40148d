"""The commands up and down: `python -m infra.local.up [--detach]`, `python -m infra.local.up down`."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from infra import bootstrap
from infra.local import places, process, supervisor

DOWN_SECONDS = 45.0
UNCLEAR = "bin/up ended without saying why: see {log}."


def main(arguments: list[str]) -> int:
    """Runs the command; gives the exit code. Refused: any argument but --detach and down."""
    home = bootstrap.home()
    os.environ["TENDERO_HOME"] = str(home)
    if arguments == ["down"]:
        return down(home)
    if arguments == ["--detach"]:
        return detach(home)
    if arguments:
        sys.stderr.write("bin/up knows one option, --detach.\n")
        return 2
    return supervisor.main(home)


def detach(home: Path) -> int:
    """Starts the supervisor in a session of its own and returns when it is ready, or with its sentence."""
    log = home / "log" / "up.log"
    reader, writer = os.pipe()
    with process.open_log(log) as output:
        child = subprocess.Popen([sys.executable, "-m", "infra.local.supervisor"], cwd=process.ROOT, pass_fds=[writer],
                                 env={**os.environ, "TENDERO_READY": str(writer)}, start_new_session=True,
                                 stdin=subprocess.DEVNULL, stdout=output, stderr=output)
    os.close(writer)
    try:
        with os.fdopen(reader) as pipe:
            answer = pipe.read()
    except KeyboardInterrupt:
        process.stop(child, signal.SIGTERM, DOWN_SECONDS)
        return 130
    if answer != "ready":
        child.wait()
        sys.stderr.write((answer or UNCLEAR.format(log=log)) + "\n")
        return 1
    sys.stdout.write(supervisor.describe(json.loads((home / "up.json").read_text())))
    sys.stdout.write("bin/down stops everything.\n")
    return 0


def down(home: Path) -> int:
    """Stops the stack of `home`, what a killed one left over included; it is no error if nothing runs."""
    running = _running(home)
    if running:
        process.end_all([running], signal.SIGTERM, DOWN_SECONDS)
    left = supervisor.left_over(home)
    process.end_all(left, signal.SIGTERM, 5)
    for name in ("up.json", "env.json"):
        (home / name).unlink(missing_ok=True)
    sys.stdout.write("Stopped.\n" if running or left else "Nothing runs here.\n")
    return 0


def _running(home: Path) -> int | None:
    """The pid of the supervisor, if the lock of the home is held."""
    held = places.lock(home / "up.lock")
    if held is not None:
        os.close(held)
        return None
    until = time.monotonic() + 1
    while time.monotonic() < until:
        # Taken a moment ago, perhaps not yet written.
        content = (home / "up.lock").read_text()
        if content.isdigit():
            return int(content)
        time.sleep(0.01)
    return None


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
