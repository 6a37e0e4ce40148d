"""A real Chromium before a real gunicorn, workers and clock: what a person meets."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("TENDERO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WATCH = "window.__csp = []; document.addEventListener('securitypolicyviolation', e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI))"


def pytest_collection_modifyitems(items):
    for item in items:
        if "/browser/" in str(item.fspath):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(app):
    """Base port of a gunicorn with workers and clock on this run's servers."""
    port = os.environ["PUBLIC_PORT"]
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "WEB_WORKERS": "1", "WEB_THREADS": "6", "TENDERO_ENV": "test"}
    logs = Path(os.environ["TENDERO_HOME"])
    commands = {
        "web": [sys.executable, "-m", "gunicorn", "-c", "infra/deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"],
        "workers": [sys.executable, "-m", "workers.main"],
        "clock": [sys.executable, "-m", "workers.clock"],
    }
    running = []
    for name, command in commands.items():
        log = (logs / f"{name}.test.log").open("wb")
        running.append(subprocess.Popen(command, cwd=ROOT, env=environ, stdout=log, stderr=log, start_new_session=True))
    try:
        _wait(port, running, logs)
        yield port
    finally:
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)


def _wait(port: str, running, logs: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        dead = [p.args for p in running if p.poll() is not None]
        assert not dead, f"{dead} ended: {[(f.name, f.read_text()[-1500:]) for f in logs.glob('*.test.log')]}"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)  # noqa: S310
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in 30 s")


@pytest.fixture(scope="session")
def chromium():
    """The browser of the run; skipped with a plain message where there is none, failed under CI."""
    if not CHROMIUM or not AXE.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("browser tests need Chromium and `npm ci` in web/: bin/test brings both where it may")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


class Person:
    """One person's browser window: checks on leaving that no policy was broken and no script failed."""

    def __init__(self, chromium, **options):
        self.context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-US", **options})
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" and "Content Security Policy" in message.text else None)

    def axe(self, *, where: str = "") -> None:
        """No violation of WCAG 2.2 A and AA or best practice on the page as it stands."""
        self.page.evaluate(AXE.read_text())
        found = self.page.evaluate(
            "async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}))"
            ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"
        )
        assert found == [], f"{where or self.page.url}: {found}"

    def close(self) -> None:
        violations = self.page.evaluate("window.__csp || []") if not self.page.is_closed() else []
        self.context.close()
        assert self.errors == [] and violations == []


@pytest.fixture
def person(chromium, server):
    """person(): a new window; give viewport, color_scheme, java_script_enabled or locale to differ."""
    opened: list[Person] = []

    def open_window(**options) -> Person:
        opened.append(Person(chromium, **options))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()


@pytest.fixture
def sign_in(server):
    """sign_in(person, house, "rep"): the cookie of a real session in that window."""
    from core.identity import actions
    from tenants import entry
    from web import door

    def enter(person: Person, house, who: str = "owner") -> str:
        with entry.enter(house.tenant) as session:
            token, _ = actions.open_session(session, house.users[who], now=entry.utcnow(), ip="127.0.0.1", agent="browser test")
        url = f"http://{house.host}:{server}"
        person.context.add_cookies([{"name": door.cookie_name(), "value": token, "url": url}])
        return url

    return enter
