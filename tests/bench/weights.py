"""What a page weighs and how soon it stands, in Chromium before a real server: GUIDE 8.3's budgets. The median of five visits."""

import os
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import brotli

from tests.bench.figures import Aim
from tests.bench.requests import Visitor

ROOT = Path(__file__).resolve().parents[2]
KB, SLOWER = 1000, 4
WATCH = """window.__seen = {lcp: 0, cls: 0, slow: 0};
new PerformanceObserver(list => { for (const e of list.getEntries()) window.__seen.lcp = e.startTime }).observe({type: 'largest-contentful-paint', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) if (!e.hadRecentInput) window.__seen.cls += e.value }).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver(list => { for (const e of list.getEntries()) window.__seen.slow = Math.max(window.__seen.slow, e.duration) }).observe({type: 'event', durationThreshold: 16, buffered: true});"""
SIZES = """() => { const of = kind => performance.getEntriesByType('resource').filter(e => kind.test(e.name)).reduce((n, e) => n + e.encodedBodySize, 0);
return {js: of(/[.]js/), css: of(/[.]css/), font: of(/woff2/)} }"""


def measure(ground, subject) -> None:
    chromium = os.environ.get("TENDERO_CHROMIUM")
    if not chromium:
        subject.note("no Chromium: nothing of the browser is measured")
        return
    from playwright.sync_api import sync_playwright

    account = key_of_an_account(ground)
    with served(ground) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"])
        for name, path, keys in (("list", "/accounts", ("j", "j", "k", "Control+k", "Escape")), ("record", f"/accounts/{account}", ("c", "Escape", "Control+k", "Escape"))):
            told(subject, name, typical(lambda path=path, keys=keys: visit(browser, ground, port, path, keys)))
            slow = typical(lambda path=path, keys=keys: visit(browser, ground, port, path, keys, slower=SLOWER))
            subject.add(f"{name}: lcp, cpu/{SLOWER}", slow["lcp"], "ms", aim=Aim(most=2000))
            subject.add(f"{name}: slowest interaction, cpu/{SLOWER}", slow["slow"], "ms", aim=Aim(most=200))
        browser.close()


def typical(visited) -> dict:
    """The median of five visits, each number by itself."""
    visits = [visited() for _ in range(5)]
    return {what: statistics.median(one[what] for one in visits) for what in visits[0]}


def key_of_an_account(ground) -> str:
    from tests.bench.pages import some_account

    return some_account(ground)


def told(subject, name: str, seen: dict) -> None:
    for what, unit, most, scale in (("html", "kB", 25, KB), ("js", "kB", 45, KB), ("css", "kB", 15, KB), ("font", "kB", None, KB), ("lcp", "ms", 800, 1), ("slow", "ms", 100, 1), ("cls", "", 0.05, 1)):
        subject.add(f"{name}: {'slowest interaction' if what == 'slow' else what}", seen[what] / scale, unit, aim=Aim(most=most))
    subject.add(f"{name}: first visit with font", sum(seen[what] for what in ("html", "js", "css", "font")) / KB, "kB", aim=Aim(most=150))


def visit(browser, ground, port: int, path: str, keys, *, slower: int = 1) -> dict:
    """One first visit in a new window, the browser's processor so many times slower: its sizes, how soon it stood, and the slowest
    of some keys."""
    from web import door

    visitor, url = Visitor.signed_in(ground.app, ground.big, "owner"), f"http://{ground.big.host}:{port}"
    context = browser.new_context(viewport={"width": 1440, "height": 900}, service_workers="block")
    context.add_cookies([{"name": door.cookie_name(), "value": visitor.cookies[door.cookie_name()], "url": url}])
    context.add_init_script(WATCH)
    page = context.new_page()
    context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slower})
    answer = page.goto(url + path)
    page.locator("html[data-ready]").wait_for(state="attached")
    page.wait_for_timeout(300)
    # Caddy compresses pages in production, this server does not; scripts and styles lie compressed.
    seen = page.evaluate("window.__seen") | page.evaluate(SIZES) | {"html": len(brotli.compress(answer.body(), quality=5))}
    for key in keys:
        page.keyboard.press(key)
        page.wait_for_timeout(150)
    seen["slow"] = page.evaluate("window.__seen.slow")
    context.close()
    return seen


class served:
    """The application as gunicorn serves it, on a port of its own."""

    def __init__(self, ground):
        self.ground = ground

    def __enter__(self) -> int:
        from tests.conftest import free_port

        port = free_port()
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "WEB_WORKERS": "1", "WEB_THREADS": "4", "PUBLIC_PORT": str(port)}
        command = [sys.executable, "-m", "gunicorn", "-c", "infra/deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
        self.process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1)  # noqa: S310
                return port
            except OSError:
                time.sleep(0.2)
        raise RuntimeError("the server did not answer in 60 s")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.process.wait(15)
