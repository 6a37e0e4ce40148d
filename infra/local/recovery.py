"""A cluster as it was at a moment of the past, beside the running one: base backup, archived WAL, a side instance.

What docs/operating.md says in PostgreSQL's own commands, for the embedded server: the drill of a lost tenant's return
(RELIABILITY 4, fault 45). The side instance is read, never worked on: no worker and no clock shall know its address.
"""

import shutil
import subprocess
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from infra.local import places, process
from infra.local.postgres import Postgres, package

LONGEST = 3600


def archiving(folder: Path) -> Mapping[str, str]:
    """Settings by which a server copies each finished piece of its WAL into `folder`, which is made; a piece that lies
    there already is an error, not overwritten."""
    folder = places.state_folder(folder, places.server_user())
    return {"archive_mode": "on", "archive_timeout": "60", "archive_command": f"test ! -f '{folder}/%f' && cp '%p' '{folder}/%f'"}


def base_backup(server: Postgres, folder: Path) -> Path:
    """A copy of the running cluster in `folder`/data, from which any later moment can be reached."""
    folder = places.state_folder(folder, server.user)
    command = [_program("pg_basebackup", server), "-h", server.sockets, "-U", "postgres", "-D", folder / "data", "-c", "fast"]
    _run(command, server, folder, "The base backup")
    return folder


def side_instance(server: Postgres, backup: Path, archive: Path, moment: datetime, home: Path) -> Postgres:
    """Start a copy of the backup that has replayed the archive up to `moment`, and no commit behind it. Returns when it
    answers as a server of its own; the caller stops it and calls `remove`. Refuses (StartFailed) a moment that the
    archive does not reach."""
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o711)
    folder = places.state_folder(home / "postgres", server.user)
    _run(["cp", "-a", backup.resolve() / "data", folder / "data"], server, folder, "Copying the base backup")
    _run(["touch", folder / "data" / "recovery.signal"], server, folder, "The order to recover")
    settings = {
        "restore_command": f"cp '{archive.resolve()}/%f' '%p'", "recovery_target_time": moment.isoformat(),
        "recovery_target_action": "promote", "archive_mode": "off",
        "hot_standby": "off",  # else it answers before it has come to the moment
    }
    side = Postgres(folder, places.socket_folder(home, server.user), home / "postgres.log", server.durable, settings, server.user)
    try:
        side.launch()
        side.wait(LONGEST)
    except BaseException:
        remove(side, home)
        raise
    return side


def remove(side: Postgres, home: Path) -> None:
    """Stop a side instance and delete what it had."""
    side.stop()
    shutil.rmtree(side.folder.resolve(), ignore_errors=True)
    for folder in (side.sockets, home):
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str, server: Postgres) -> Path:
    return places.binaries(package(), server.user) / name


def _run(command: list, server: Postgres, folder: Path, what: str) -> None:
    log = server.log.with_name("recovery.log")
    try:
        code = process.spawn(command, log, cwd=folder, user=server.user).wait(LONGEST)
    except subprocess.TimeoutExpired:
        code = None
    if code != 0:
        raise process.StartFailed(f"{what} failed ({process.last_line(log)}): see {log}.")
