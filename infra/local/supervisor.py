"""Runs the whole local stack until Ctrl-C or SIGTERM: servers, preparation, web, workers, clock, mail page.

`python -m infra.local.supervisor` is what bin/up starts. Every child has its own process group and dies with
this process; one that crashes is started again with growing pauses; output goes to `log/<name>.log`.
"""

import contextlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from types import FrameType

from infra.local import places, process
from infra.local.process import ROOT, StartFailed
from infra.local.service import Service, python_service
from infra.local.stack import Stack

PREPARE_SECONDS = 120
WEB_SECONDS = 60
# Never handed on to web, workers or clock: they work with the app and owner logins.
PREPARATION_ONLY = ("DATABASE_ADMIN_URL",)
# Of the user's shell, never handed on: a local stack has its own databases and keys.
OURS_ALONE = ("DATABASE_", "SECRET_KEY", "MASTER_KEY", "TENDERO_READY", "TENDERO_RUN")


class Interrupted(Exception):
    """Ctrl-C or SIGTERM came."""


class Supervisor:
    """One run of one home. The caller holds the home's lock."""

    def __init__(self, home: Path, environ: Mapping[str, str]):
        self.home = home
        self.stack = Stack(home)
        self.services: list[Service] = []
        self.environ = dict(environ)
        self.taken: set[int] = set()
        self.mark = f"TENDERO_RUN={secrets.token_hex(8)}"

    def up(self) -> dict:
        """Starts everything in order, waits for /healthz, writes env.json and, last, up.json; gives its content."""
        self._prepare_home()
        self.web_port = places.free_port(8000, self.taken)
        self.mail_ports = places.free_port(1025, self.taken), places.free_port(8025, self.taken)
        mail = ["-m", "infra.local.mailcatcher", str(self.home / "mail"), *map(str, self.mail_ports)]
        self._start("mail", mail, self._common())
        env = {**self._common(), **self.stack.start(fsync=True)}
        self._run(env, "prepare")
        places.write_private(self.home / "env.json", json.dumps(self._for_terminal(env), indent=1))
        everyday = {name: value for name, value in env.items() if name not in PREPARATION_ONLY}
        for name, arguments in self._rooms().items():
            self._start(name, arguments, everyday)
        demo = self._demo(everyday)
        self._await_web()
        return self._write_up(demo)

    def watch(self) -> None:
        """Keeps the services alive until interrupted."""
        servers = self.stack.services()
        while True:
            for service in (*servers, *self.services):
                service.revive()
            time.sleep(0.2)

    def down(self) -> None:
        """Ends the doors first, then the servers; nothing of this run is left."""
        for name in ("up.json", "env.json"):
            (self.home / name).unlink(missing_ok=True)
        for service in reversed(self.services):
            service.ask_to_end()
        for service in reversed(self.services):
            service.end()
        self.stack.stop()
        process.end_all(process.with_environment(self.mark), signal.SIGKILL, 2)

    def _prepare_home(self) -> None:
        """Ends what a killed run left over and empties what must not outlive a run."""
        (self.home / "up.json").unlink(missing_ok=True)
        process.end_all(left_over(self.home), signal.SIGTERM, 5)
        shutil.rmtree(self.home / "metrics", ignore_errors=True)
        for folder in ("metrics", "files", "log"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)

    def _common(self) -> dict[str, str]:
        """The environment of every child: what the user gave, without foreign databases and keys, plus ours."""
        given = {name: value for name, value in self.environ.items() if not name.startswith(OURS_ALONE)}
        name, value = self.mark.split("=")
        return {
            **given, name: value, "TENDERO_ENV": "development", "TENDERO_HOME": str(self.home), "BASE_DOMAIN": "localhost",
            "PUBLIC_SCHEME": "http", "PUBLIC_PORT": str(self.web_port), "PYTHONPATH": str(ROOT),
            "SECRET_KEY": places.secret(self.home / "secret"), "PROMETHEUS_MULTIPROC_DIR": str(self.home / "metrics"),
            "SMTP_URL": f"smtp://127.0.0.1:{self.mail_ports[0]}", "MAIL_PAGE_URL": f"http://localhost:{self.mail_ports[1]}",
            "STORAGE_URL": (self.home / "files").as_uri(), "PYTHONUNBUFFERED": "1",
        }

    def _for_terminal(self, env: Mapping[str, str]) -> dict[str, str]:
        """What bin/tendero needs of it: what we set, not what the user's shell held; never the run's mark."""
        return {name: value for name, value in env.items()
                if self.environ.get(name) != value and not name.startswith("TENDERO_RUN")}

    def _rooms(self) -> dict[str, list[str]]:
        bind = f"127.0.0.1:{self.web_port}"
        return {"web": ["-m", "gunicorn", "-c", "infra/deploy/gunicorn.conf.py", "--bind", bind, "wsgi:app"],
                # One process fewer to load everything: the clock is forked from the workers' parent.
                "workers": ["-m", "workers.main", "--clock"]}

    def _start(self, name: str, arguments: list[str], env: Mapping[str, str]) -> None:
        service = python_service(name, arguments, self.home / "log", env)
        self.services.append(service)
        service.start()

    def _run(self, env: Mapping[str, str], command: str) -> str:
        """Runs one terminal command to its end and gives its output; StartFailed where it fails."""
        log = self.home / "log" / f"{command}.log"
        with process.open_log(log) as errors:
            child = subprocess.Popen([sys.executable, "-m", "workers.cli", command], cwd=ROOT, env=dict(env),
                                     stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True,
                                     start_new_session=True)
            try:
                output, _ = child.communicate(timeout=PREPARE_SECONDS)
            except BaseException as error:
                process.kill_group(child)
                if isinstance(error, subprocess.TimeoutExpired):
                    raise StartFailed(f"The step {command} took more than {PREPARE_SECONDS} s: see {log}.") from None
                raise
        if child.returncode:
            raise StartFailed(f"The step {command} failed ({process.last_line(log)}): see {log}.")
        return output

    def _demo(self, env: Mapping[str, str]) -> dict:
        """The demo tenant's address and sign-ins, as `workers.cli demo` prints them on its last line."""
        output = self._run(env, "demo")
        try:
            return json.loads(output[output.index("{"):])
        except ValueError:
            raise StartFailed("The step demo gave no sign-ins: its answer is not JSON.") from None

    def _await_web(self) -> None:
        """Waits for /healthz; a service that ends meanwhile is an error of the start, not a crash to mend."""
        until = time.monotonic() + WEB_SECONDS
        while not (process.listens(*self.mail_ports) and healthy(self.web_port) and self._clock() != 0):
            for service in self.services:
                service.refuse_if_ended()
            if time.monotonic() > until:
                raise StartFailed(f"The web server didn't answer /healthz within {WEB_SECONDS} s: see {self.home}/log/web.log.")
            time.sleep(0.05)

    def _clock(self) -> int | None:
        """The clock's pid: a child of the workers' parent. 0 while there is none yet, None where they are to have none."""
        if "--clock" not in self._rooms().get("workers", ()):
            return None
        parent = next(one.child.pid for one in self.services if one.name == "workers")
        return process.child_named("worker-clock", parent)

    def _write_up(self, demo: Mapping) -> dict:
        url = f"http://localhost:{self.web_port}"
        tenant = demo.get("tenant_url", "")
        up = {
            "url": url, "tenant_url": tenant, "operator_url": f"http://ops.localhost:{self.web_port}",
            "mail_url": f"http://localhost:{self.mail_ports[1]}", "api_url": f"{tenant}/api/v1",
            "sign_ins": demo.get("sign_ins", []),
            "pids": {"supervisor": os.getpid(),
                     **{one.name: one.child.pid for one in (*self.stack.services(), *self.services)},
                     **({"clock": clock} if (clock := self._clock()) else {})},
        }
        places.write_private(self.home / "up.json", json.dumps(up, indent=1))
        return up


def left_over(home: Path) -> list[int]:
    """Children of an earlier, killed run of this home: only they carry both variables."""
    ours = process.with_environment(f"TENDERO_HOME={home}")
    return [pid for pid in ours if _has_mark(pid) and pid != os.getppid()]


def _has_mark(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return b"\0TENDERO_RUN=" in b"\0" + Path(f"/proc/{pid}/environ").read_bytes()
    return False


def healthy(port: int) -> bool:
    """Whether the web server on this port answers /healthz with 200."""
    line = HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        line.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
        return line.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        line.close()


def _interrupt(*_: int | FrameType | None) -> None:
    # Once is enough: a second Ctrl-C must not break the clean end.
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    raise Interrupted


def describe(up: Mapping) -> str:
    """What a person wants to know: where it is and how to get in."""
    lines = [f"Tendero     {up['url']}", f"Demo        {up['tenant_url']}", f"Operator    {up['operator_url']}",
             f"Mail        {up['mail_url']}", ""]
    lines += [f"Sign in     {one['who']}: {one['mail']} / {one['password']}  {one['url']}" for one in up["sign_ins"]]
    return "\n".join(lines) + "\n"


def report(line: str) -> None:
    """Tells the waiting `bin/up --detach` through its pipe, if there is one."""
    if "TENDERO_READY" in os.environ:
        with contextlib.suppress(OSError), os.fdopen(int(os.environ.pop("TENDERO_READY")), "w") as pipe:
            pipe.write(line)


def main(home: Path) -> int:
    """Runs the stack of `home` until interrupted; the exit code is 1 where it couldn't start."""
    held = places.lock(home / "up.lock")
    if held is None:
        return _refuse("Tendero already runs from here: bin/down stops it, var/up.json has its addresses.")
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, _interrupt)
    supervisor = Supervisor(home, os.environ)
    sentence = ""
    try:
        up = supervisor.up()
        sys.stdout.write(describe(up) + ("" if "TENDERO_READY" in os.environ else "\nCtrl-C stops everything.\n"))
        sys.stdout.flush()
        report("ready")
        supervisor.watch()
    except (StartFailed, OSError) as error:
        sentence = str(error)
    except Interrupted:
        pass
    finally:
        supervisor.down()
    return _refuse(sentence) if sentence else 0


def _refuse(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    report(sentence)
    return 1


if __name__ == "__main__":
    raise SystemExit(main(Path(os.environ["TENDERO_HOME"])))
