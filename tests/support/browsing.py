"""A real Chromium before a real gunicorn, workers and clock: what a person meets. A plugin of all tests (tests/conftest.py)."""

import os
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = os.environ.get("TENDERO_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
WATCH = "window.__csp = []; document.addEventListener('securitypolicyviolation', e => window.__csp.push(e.violatedDirective + ' ' + e.blockedURI))"


def pytest_collection_modifyitems(items):
    """Whatever opens a browser, or asks the servers behind one, is marked."""
    for item in items:
        if "browser" in item.path.parts or "server" in item.fixturenames:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def server(app):
    """Base port of a gunicorn with workers and clock on this run's servers."""
    let_go_of_what_others_left()
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
                process.wait(5)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)


def let_go_of_what_others_left() -> None:
    """Hundreds of tenants of earlier tests, their orders and audits that nobody has sealed: a person here would wait behind
    them. They count as moving, which the clock leaves alone. The browser tests come last and have tenants of their own."""
    from tenants import entry
    from tenants.models import ControlOrder, OutboxDue, Tenant

    with entry.control() as session:
        session.execute(update(Tenant).where(Tenant.state == "active").values(state="moving"))
        session.execute(update(ControlOrder).where(ControlOrder.state.in_(("waiting", "running"))).values(state="done"))
        session.execute(delete(OutboxDue))


def _wait(port: str, running, logs: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        dead = [p.args for p in running if p.poll() is not None]
        assert not dead, f"{dead} ended: {[(f.name, f.read_text()[-1500:]) for f in logs.glob('*.test.log')]}"
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)  # noqa: S310
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the server did not answer in 120 s")


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
        self.context = chromium.new_context(**{"viewport": {"width": 1440, "height": 900}, "locale": "en-US", "service_workers": "block", **options})
        self.context.add_init_script(WATCH)
        self.page = self.context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" and "Content Security Policy" in message.text else None)

    def axe(self, *, where: str = "") -> None:
        """No violation of WCAG 2.2 A and AA or best practice on the page as it stands, once what fades in stands."""
        self._bring_axe()
        self.page.evaluate("Promise.allSettled(document.getAnimations().filter(one => one.playState === 'running' && one.effect.getComputedTiming().endTime !== Infinity).map(one => one.finished))")
        found = self.page.evaluate(
            "async () => (await axe.run(document, {runOnly: ['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice'], resultTypes: ['violations']}))"
            ".violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ')).slice(0, 3).join(' | '))"
        )
        assert found == [], f"{where or self.page.url}: {found}"

    def _bring_axe(self) -> None:
        """Anew each time: axe remembers the colours of its last run. Its text goes over once for each document, which takes ten
        times as long."""
        if not self.page.evaluate("() => window.__axe?.() ?? false"):
            self.page.evaluate(f"window.__axe = () => {{ {AXE.read_text()}\nreturn true }}; window.__axe()")

    def axe_contrast(self, where: str) -> None:
        """Only colours: after the theme was changed, nothing else can be different."""
        self._bring_axe()
        found = self.page.evaluate("async () => (await axe.run(document, {runOnly: {type: 'rule', values: ['color-contrast']}, resultTypes: ['violations']})).violations.map(v => v.nodes.map(n => n.target.join(' ') + ' ' + n.any[0]?.message).slice(0, 3).join(' | '))")
        assert found == [], f"{where}: {found}"

    def no_sideways_scroll(self, where: str) -> None:
        """Neither the page nor the sheet's content is wider than its place; tables have a scroller of their own."""
        wide = self.page.evaluate("""() => [document.documentElement, ...document.querySelectorAll('#content, .sheet, .rec > section, .rec > aside, #peek > .in')]
            .filter(e => e.scrollWidth > e.clientWidth + 1).map(e => [e.id || e.className || e.tagName, e.scrollWidth, e.clientWidth])""")
        assert wide == [], f"{where}: {wide}"

    def buttons_are_whole(self, where: str) -> None:
        """No button's words are cut or run out of it, and none is pressed flat (GUIDE 8.4); ellipsis is for labels."""
        bad = self.page.evaluate("""() => [...document.querySelectorAll('.btn')].map(e => [e, e.getBoundingClientRect()]).filter(([e, r]) => r.width
            && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1 || r.height < 24)).map(([e, r]) => [e.innerText, e.scrollWidth, e.clientWidth, r.height])""")
        assert bad == [], f"{where}: {bad}"

    def until(self, expression: str, argument: object = None, seconds: float = 10) -> None:
        """Wait until it is true in the page. Asked from here again and again: Playwright's own way of waiting evaluates
        in the page what our policy forbids there, unless it is true at once."""
        end = time.monotonic() + seconds
        while not self.page.evaluate(expression, argument):
            assert time.monotonic() < end, f"not within {seconds} s: {expression}"
            time.sleep(0.03)

    def focused(self) -> str:
        """What is in focus, as a person would name it."""
        return self.page.evaluate("""() => { const e = document.activeElement; const l = e.labels?.[0]?.innerText ?? '';
            return (e.getAttribute('aria-label') || l || e.innerText || e.placeholder || e.value || '').trim() }""")

    def tab_to(self, text: str, *, most: int = 90) -> None:
        """Press Tab until something of that name is in focus, and its ring is seen."""
        for _ in range(most):
            self.page.keyboard.press("Tab")
            if self.focused().split("\n")[0].strip().startswith(text):
                return
        raise AssertionError(f"no way by Tab to {text!r} on {self.page.url}")

    def type(self, text: str) -> None:
        self.page.keyboard.type(text)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def close(self) -> None:
        violations = self.page.evaluate("window.__csp || []") if not self.page.is_closed() else []
        self.context.close()
        assert self.errors == [] and violations == []


@pytest.fixture
def person(chromium, server):
    """person(): a new window; give viewport, color_scheme, java_script_enabled or locale to differ; service_workers="allow" where they are the matter."""
    opened: list[Person] = []

    def open_window(**options) -> Person:
        opened.append(Person(chromium, **options))
        return opened[-1]

    yield open_window
    for one in opened:
        one.close()


@pytest.fixture(scope="session")
def room(server):
    """The catalogue is loaded, schemas wait for companies: what bin/up and the clock see to."""
    from billing import plans
    from tenants import entry, provisioning

    with entry.control() as session:
        plans.load(session)
    provisioning.fill_pool(3)


@pytest.fixture
def mails():
    """mails(to, count=1): the messages that reached that address, newest first, waited for."""
    import json

    def wait_for(to: str, count: int = 1, seconds: float = 25) -> list[dict]:
        until = time.monotonic() + seconds
        while True:
            with urllib.request.urlopen(f"{os.environ['MAIL_PAGE_URL']}/api/messages?to={to}", timeout=5) as answer:  # noqa: S310
                found = json.load(answer)
            if len(found) >= count or time.monotonic() > until:
                assert len(found) >= count, f"{len(found)} mails for {to} after {seconds} s; {what_waits()}"
                return found
            time.sleep(0.2)

    return wait_for


def what_waits() -> str:
    """What the engine room had in hand when a letter was missed: orders not done, letters not sent, the end of its log."""
    from core.post.models import OutgoingMail
    from tenants import entry
    from tenants.models import ControlOrder, OutboxDue, Tenant

    with entry.control() as session:
        orders = session.execute(select(ControlOrder.name, ControlOrder.state, ControlOrder.attempts, ControlOrder.error).order_by(ControlOrder.id.desc()).limit(8)).all()
        due, tenants = session.execute(select(OutboxDue)).all(), session.execute(select(Tenant).where(Tenant.state == "active").order_by(Tenant.id.desc()).limit(2)).scalars().all()
        session.expunge_all()
    letters = []
    for tenant in tenants:
        with entry.enter(tenant) as session:
            letters += session.execute(select(OutgoingMail.template, OutgoingMail.state, OutgoingMail.error)).all()
    log = (Path(os.environ["TENDERO_HOME"]) / "workers.test.log").read_text(errors="replace")[-3000:]
    return f"control orders {orders}, due {len(due)}, letters {letters}, workers: {log}"


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
