"""The launcher of the embedded PostgreSQL with real servers: both kinds of user, crashes, refusals."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

import psycopg
import pytest

from infra.db_check import ClusterRefused, check_cluster
from infra.local import places, postgres, process
from infra.local.postgres import Postgres
from infra.local.stack import Stack

ROOT_ONLY = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become another user")


@pytest.fixture
def folder():
    """A short folder that an unprivileged server may pass through; pytest's own is closed to it."""
    path = Path(tempfile.mkdtemp(prefix="tendero-test-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def server(folder):
    found = Postgres(folder / "postgres", places.socket_folder(folder, places.server_user()), folder / "log", durable=False)
    yield found
    found.stop()


def one(url: str, question: str):
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(question).fetchone()[0]


def test_a_server_starts_with_our_settings_on_a_socket_only_and_stops_whole(server):
    server.start()
    assert one(server.url(), "SHOW recovery_init_sync_method") == "syncfs"
    assert one(server.url(), "SHOW listen_addresses") == ""
    assert one(server.url(), "SHOW wal_level") == "logical"
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        check_cluster(connection)
    assert process.in_folder(server.data)
    server.stop()
    assert process.in_folder(server.data) == []


@pytest.mark.parametrize(("settings", "word"), [
    ({"recovery_init_sync_method": "fsync"}, "recovery_init_sync_method"),
    ({"max_locks_per_transaction": "64"}, "max_locks_per_transaction"),
])
def test_a_cluster_with_a_dangerous_setting_is_refused_by_one_sentence(server, settings, word):
    server.extra = settings
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        with pytest.raises(ClusterRefused, match=rf"^{word} is .*[^.]*\.$"):
            check_cluster(connection)


def test_a_cluster_blind_to_cyrillic_is_refused(server, monkeypatch):
    monkeypatch.setattr(postgres, "LOCALE", ("--locale=C", "--lc-ctype=C"))
    server.start()
    with psycopg.connect(server.url(), autocommit=True) as connection:
        with pytest.raises(ClusterRefused, match="pg_trgm is missing"):
            check_cluster(connection)
        connection.execute("CREATE EXTENSION pg_trgm")
        with pytest.raises(ClusterRefused, match=r"^The database's LC_CTYPE .*C\.UTF-8\.$"):
            check_cluster(connection)


def test_committed_rows_are_there_after_kill_9_of_the_server(server):
    server.durable = True
    server.start()
    one(server.url(), "WITH t AS (SELECT 1) SELECT count(*) FROM t")
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT generate_series(1, 1000) AS n")
        server.kill()
    server.start()
    assert one(server.url(), "SELECT count(*) FROM kept") == 1000


def test_a_stale_pid_file_naming_a_living_stranger_does_not_stop_the_start(server):
    """PostgreSQL alone would refuse: a pid used again by another process looks like a running server."""
    server.start()
    lines = (server.data / "postmaster.pid").read_text().splitlines()
    server.kill()
    (server.data / "postmaster.pid").write_text("\n".join([str(os.getppid()), *lines[1:]]) + "\n")
    server.start()
    assert one(server.url(), "SELECT 1") == 1


def test_a_server_whose_starter_was_killed_ends_too(folder):
    """The parent-death signal must survive the change of user."""
    script = (f"import time; from pathlib import Path; from infra.local.stack import Stack; "
              f"s = Stack(Path({str(folder)!r})); s.start(valkey=False); print('ready', flush=True); time.sleep(60)")
    starter = subprocess.Popen([sys.executable, "-c", script], cwd=process.ROOT, stdout=subprocess.PIPE, text=True)
    assert starter.stdout.readline() == "ready\n"
    data = folder / "postgres" / "data"
    assert process.in_folder(data)
    starter.kill()
    starter.wait()
    until = time.monotonic() + 10
    while process.in_folder(data) and time.monotonic() < until:
        time.sleep(0.05)
    assert process.in_folder(data) == []
    assert (data / "postgresql.conf").exists()


@ROOT_ONLY
def test_as_root_the_server_runs_as_an_unprivileged_user(server):
    server.start()
    owner = os.stat(f"/proc/{server.child.pid}").st_uid
    assert owner == places.server_user().pw_uid != 0
    assert server.data.stat().st_mode & 0o077 == 0 and server.sockets.stat().st_mode & 0o077 == 0


@ROOT_ONLY
def test_a_normal_user_starts_and_stops_it_as_well(folder):
    nobody = pwd.getpwnam("nobody")
    if not places.reachable(postgres.package() / places.PROGRAMS / "postgres", nobody):
        pytest.skip("this checkout lies where no other user can read")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)

    def work() -> None:
        with Stack(folder) as env:
            assert one(env["DATABASE_ADMIN_URL"], "SELECT current_database()") == "tendero"

    assert as_user(nobody, work) == 0


def as_user(user: pwd.struct_passwd, work) -> int:
    """Runs `work` in a child that has become `user`; 0 where it didn't raise."""
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@ROOT_ONLY
def test_programs_below_a_closed_folder_are_copied_to_a_readable_place(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    package = postgres.package()
    for part in (package, package.with_name(package.name + ".libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    user = places.server_user()
    programs = places.binaries(closed / package.name, user, cache=folder / "cache")
    assert programs.is_relative_to(folder / "cache")
    assert programs == places.binaries(closed / package.name, user, cache=folder / "cache"), "copied once only"
    shown = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True,
                           user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/")
    assert "18." in shown.stdout


@ROOT_ONLY
def test_state_below_a_closed_folder_lies_elsewhere_and_is_found_again(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    user = places.server_user()
    real = places.state_folder(closed / "var" / "postgres", user, elsewhere=folder / "lib")
    assert real.parent == folder / "lib" and places.reachable(real, user)
    assert places.state_folder(closed / "var" / "postgres", user, elsewhere=folder / "lib") == real
    sockets = places.socket_folder(closed, user)
    assert not sockets.is_relative_to(closed)
    sockets.rmdir()


def test_a_home_with_a_long_path_gets_a_short_folder_for_sockets(folder):
    home = folder / ("long-" * 20)
    home.mkdir()
    home.chmod(0o711)
    with Stack(home) as env:
        assert "long" not in env["DATABASE_URL"] and len(env["REDIS_URL"]) < 100
        assert one(env["DATABASE_ADMIN_URL"], "SELECT 1") == 1


def test_files_of_another_user_are_refused_by_one_sentence(server, monkeypatch):
    server.folder.mkdir()
    stranger = pwd.struct_passwd(("x", "x", server.folder.stat().st_uid + 4242, 4242, "", "/", "/bin/false"))
    monkeypatch.setattr(server, "user", stranger)
    monkeypatch.setattr(places, "state_folder", lambda folder, user: folder)
    with pytest.raises(process.StartFailed, match=r"was made by another user: .*\.$"):
        server.launch()


def test_a_server_that_can_not_start_says_why_in_one_sentence(server):
    server.extra = {"shared_buffers": "nonsense"}
    with pytest.raises(process.StartFailed, match=r"^PostgreSQL ended while starting \(.*shared_buffers.*\): see .*\.$"):
        server.start()
    assert process.in_folder(server.folder) == []
