"""From the sent sign-up form to the first page of one's own workspace, through the real application."""

import re
import time
from urllib.parse import urlsplit
from uuid import uuid4

from infra import crypto
from tenants import provisioning
from tests.bench.figures import Aim, Timed, race
from tests.bench.requests import Visitor
from tests.support.world import PASSWORD


def measure(ground, subject) -> None:
    rounds = 15  # the form's own limit is 20 an hour from one address
    provisioning.fill_pool(rounds + 1)
    sign_up(ground)
    parts = [sign_up(ground) for _ in range(rounds)]
    whole = Timed.of([sum(one) for one in parts])
    floor = race(5, lambda: crypto.hash_password(PASSWORD))[0]
    subject.add("sign-up to first page", whole, "ms", floor=floor, floor_is="one password hash (argon2id)", aim=Aim(most=1000))
    for n, name in enumerate(("the form", "the one-time way in", "the first page")):
        subject.add(f"  of that {name}", Timed.of([one[n] for one in parts]), "ms")


def sign_up(ground) -> tuple[float, float, float]:
    """Seconds of the form, the way in and the first page."""
    stranger, slug = Visitor(ground.app, "localhost"), f"new-{uuid4().hex[:8]}"
    form = {"company": "Nordlicht Optik", "slug": slug, "mail": f"a@{slug}.example", "password": PASSWORD, "name": "Anna Nord",
            "locale": "en", "timezone": "Europe/Berlin", "currency": "EUR", "sample_data": "y"}
    started = time.perf_counter()
    answer = stranger.ask("/sign-up", form)
    filled = time.perf_counter()
    assert answer.status == 200, (answer.status, answer.body[:300])
    owner = Visitor(ground.app, f"{slug}.localhost")
    answer = owner.ask("/enter", {"token": token_of(answer.body.decode())})
    entered = time.perf_counter()
    assert answer.status in (302, 303), answer.body[:300]
    answer = owner.ask(urlsplit(answer.headers["Location"]).path)
    assert answer.status == 200, (answer.status, answer.body[:300])
    return filled - started, entered - filled, time.perf_counter() - entered


def token_of(html: str) -> str:
    tag = next(tag for tag in re.findall(r"<input[^>]*>", html) if re.search(r'name="?token"?', tag))
    return re.search(r'value="?([^">\s]+)', tag)[1]
