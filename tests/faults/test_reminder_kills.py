"""Faults 15 and 17 on reminders: twelve people in twelve time zones, workers and clocks killed at random while their reminders ring.

Each reminder that is due is told once, none is lost, none comes before its hour; only of letters that a killed worker held in its
hand may we not know, and those are named.
"""

import os
import random
import re
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from datetime import time as datetime_time
from email import message_from_bytes, policy
from zoneinfo import ZoneInfo

import psutil
import pytest
from sqlalchemy import select

from core.activities import actions
from core.activities.models import Activity
from core.identity.models import User
from core.parties import actions as parties
from core.post.models import OutgoingMail
from tenants import entry
from tests.support.plant import DEEP, Plant, kill
from tests.support.world import House

ZONES = (
    "Pacific/Pago_Pago", "Pacific/Honolulu", "America/Los_Angeles", "America/St_Johns", "America/Sao_Paulo", "UTC",
    "Europe/Berlin", "Africa/Nairobi", "Asia/Kathmandu", "Asia/Shanghai", "Pacific/Chatham", "Pacific/Kiritimati",
)
REMINDERS, KILLS = (10_000, 50) if DEEP else (240, 8)
PATIENCE = 5400 if DEEP else 120
MORNING = datetime_time(8)


@pytest.fixture(scope="module")
def plant():
    with Plant() as running:
        yield running


@pytest.fixture(scope="module")
def house(plant):
    found = House("zones", {"owner": "admin", **{f"rep{n}": "sales" for n in range(len(ZONES))}})
    with found.ctx() as ctx:
        for n, zone in enumerate(ZONES):
            ctx.session.get(User, found.users[f"rep{n}"].id).timezone = zone
    return found


def plan(house, chance, prefix: str, count: int) -> dict[str, datetime]:
    """{note: when it is due}: half of them at a moment of the next minutes, half today where their owner is, which rings there at eight."""
    now, noted = datetime.now(UTC), {}
    for n, zone in enumerate(map(ZoneInfo, ZONES)):
        with house.ctx(f"rep{n}", now=now - timedelta(days=2), timezone=str(zone)) as ctx:
            account = parties.create_account(ctx, name=f"Firm {prefix} {n}")
            for k in range(n, count, len(ZONES)):
                note, today = f"{prefix}-{k:05}", now.astimezone(zone).date()
                moment = now + timedelta(seconds=chance.uniform(0, min(count / 20, 600)))
                by_day = chance.random() < 0.5
                actions.log_activity(ctx, kind="note", account=account, body="spoken", next_contact=today if by_day else moment, next_contact_note=note)
                noted[note] = datetime.combine(today, MORNING, zone) if by_day else moment
    return noted


def told(house, prefix: str) -> set[str]:
    """Notes of the reminders that are marked as told."""
    with entry.enter(house.tenant) as session:
        return set(session.execute(select(Activity.next_contact_note).where(Activity.reminded_at.is_not(None), Activity.next_contact_note.like(f"{prefix}-%"))).scalars())


def letters(house, prefix: str) -> dict[str, list[str]]:
    """{note: states of its letters}"""
    found: dict[str, list[str]] = {}
    with entry.enter(house.tenant) as session:
        for subject, state in session.execute(select(OutgoingMail.subject, OutgoingMail.state).where(OutgoingMail.template == "reminder")):
            for note in re.findall(rf"{prefix}-\d+", subject):
                found.setdefault(note, []).append(state)
    return found


def arrived(plant, prefix: str) -> Counter:
    subjects = (message_from_bytes(taken.content, policy=policy.default)["subject"] for taken in plant.sink.taken)
    return Counter(note for subject in subjects for note in re.findall(rf"{prefix}-\d+", subject))


class Engine:
    """Two crews and two clocks as processes; `strike` kills one of them, with its horses or only those, and starts it anew."""

    def __init__(self, plant, chance):
        self.plant, self.chance, self.kills = plant, chance, 0
        self.crews = [plant.workers("mail", "default") for _ in range(2)]
        self.clocks = [plant.clock() for _ in range(2)]

    def strike(self) -> None:
        kind = self.chance.choice(("worker", "crew", "clock"))
        self.kills += 1
        if kind == "clock":
            self.clocks = [*self.clocks[1:], self._anew(self.clocks[0], self.plant.clock)]
        elif kind == "crew":
            self.crews = [*self.crews[1:], self._anew(self.crews[0], lambda: self.plant.workers("mail", "default"))]
        else:
            kill(_below(self.chance.choice(self.crews)))

    def _anew(self, child, start):
        kill([*_below(child)])
        child.kill()
        child.wait(20)
        self.plant.processes.remove(child)
        return start()


def _below(child) -> list:

    try:
        return psutil.Process(child.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def test_each_reminder_is_told_once_whoever_is_killed(plant, house):
    seed = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID")).randrange(10**6)
    chance, began = random.Random(seed), time.monotonic()
    noted = plan(house, chance, "once", REMINDERS)
    engine = Engine(plant, chance)
    try:
        while time.monotonic() - began < PATIENCE:
            due = {note for note, moment in noted.items() if moment <= datetime.now(UTC)}
            done = letters(house, "once")
            if engine.kills >= KILLS and told(house, "once") == due and all(state in ("sent", "unknown", "failed") for states in done.values() for state in states):
                break
            if engine.kills < KILLS and len(done) >= len(due) * engine.kills / KILLS * 0.9:
                engine.strike()
            time.sleep(chance.uniform(0.2, 1.0))
    finally:
        plant.kill_all()
    found, copies = letters(house, "once"), arrived(plant, "once")
    unknown = {note for note, states in found.items() if states == ["unknown"]}
    sys.stderr.write(f"seed {seed}: {engine.kills} kills, {len(due)} of {len(noted)} due, {len(found)} letters, {len(unknown)} unknown, {time.monotonic() - began:.0f} s\n")
    assert engine.kills == KILLS
    assert told(house, "once") == set(found) == due, "none is lost, none comes before its hour"
    assert {tuple(states) for states in found.values()} <= {("sent",), ("unknown",)}, "one letter for each"
    assert set(copies.values()) == {1}, "none comes twice"
    assert set(found) - set(copies) <= unknown and len(unknown) <= engine.kills * 2, "what may not have arrived is named"
