"""Fault 3 on reminder mail: the worker killed between claim, DATA, the final dot and the mark. Never twice, and what
is in doubt is said (RELIABILITY 0.4, intent first)."""

import random
from uuid import UUID

import pytest
from sqlalchemy import select

from core.base.outbox import Order
from core.post import actions
from core.post.models import OutgoingMail
from tenants import entry
from tests.support.plant import DEEP, Plant, horses, kill, until

TIMES = 20 if DEEP else 1
# Where the horse is killed -> (state at the end, copies that arrived)
POINTS = {
    "before_data": ("sent", 1),       # killed at RCPT's answer: nothing was sent, the next worker sends it
    "at_data": ("unknown", 0),        # the intent stands, the content was never taken
    "after_dot": ("unknown", 1),      # the server has it, nobody wrote that down
}


@pytest.fixture(scope="module")
def plant():
    with Plant() as running:
        running.clock()
        yield running


@pytest.fixture(scope="module")
def house(plant):
    return plant.house("kills")


@pytest.fixture
def crew(plant):
    found = plant.workers("mail")
    yield found
    kill([*horses(found)])
    found.kill()
    found.wait()
    plant.processes.remove(found)
    plant.sink.at_data = lambda recipient: None
    plant.sink.after_dot = lambda taken: None
    plant.sink.at_rcpt = lambda recipient: None


def hand_in(house, to):
    with house.ctx() as ctx:
        return actions.hand_in(ctx, template="reminder", to=to, params={"what": "Call", "who": "ACME", "due": ctx.now, "name": "Anna"}).id


def state(house, mail_id: UUID) -> str:
    with entry.enter(house.tenant) as session:
        return session.execute(select(OutgoingMail.state).where(OutgoingMail.id == mail_id)).scalar_one()


def ended(plant, house, mail_id: UUID) -> None:
    """Wait until the letter is in one of its ends; where it is not, say what its order and the workers did."""
    try:
        until(lambda: state(house, mail_id) in ("sent", "unknown", "failed"), 20)
    except AssertionError as error:
        with entry.enter(house.tenant) as session:
            orders = session.execute(select(Order.name, Order.state, Order.attempts, Order.due_at, Order.lease_until, Order.error)).all()
        raise AssertionError(f"{error}: {state(house, mail_id)}, {orders}, {plant.log()[-3000:]}") from error


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_a_named_point_the_letter_ends_as_the_table_says(plant, house, crew, point):
    expected, copies = POINTS[point]
    for round_ in range(TIMES):
        address, struck = f"{point}-{round_}@example.com", []

        def strike(_):
            if not struck:  # noqa: B023
                struck.append(True)  # noqa: B023
                kill(horses(crew))

        hook = {"before_data": "at_rcpt", "at_data": "at_data", "after_dot": "after_dot"}[point]
        setattr(plant.sink, hook, strike)
        mail_id = hand_in(house, address)
        until(lambda: struck, 15)  # noqa: B023
        ended(plant, house, mail_id)
        assert state(house, mail_id) == expected
        assert plant.sink.per_recipient()[address] == copies


def test_kills_at_random_never_send_a_reminder_twice(plant, house, crew):
    count, kills = (200, 50) if DEEP else (12, 3)
    seed = random.randrange(10**6)
    pick, addresses = random.Random(seed), [f"random-{n}@example.com" for n in range(count)]
    victims = {n: pick.random() for n in pick.sample(range(count), kills)}
    seen = []

    def at_data(recipient):
        seen.append(recipient)
        if len(seen) in victims and victims[len(seen)] < 0.5:
            kill(horses(crew))

    def after_dot(_):
        if len(seen) in victims and victims[len(seen)] >= 0.5:
            kill(horses(crew))

    plant.sink.at_data, plant.sink.after_dot = at_data, after_dot
    keys = {address: hand_in(house, address) for address in addresses}
    until(lambda: all(state(house, key) in ("sent", "unknown") for key in keys.values()), 120 if DEEP else 40, 0.3)
    arrived = plant.sink.per_recipient()
    unknown = [address for address, key in keys.items() if state(house, key) == "unknown"]
    assert all(arrived[address] <= 1 for address in addresses), seed
    assert all(arrived[address] == 1 for address in addresses if address not in unknown), seed
    assert len(unknown) <= kills, seed


def test_without_the_intent_a_killed_worker_would_send_twice(plant, house):
    """The negative control: "sending" is not written before DATA, so the next worker cannot know."""
    crew = plant.workers("mail", TENDERO_TEST_NO_INTENT="1")
    try:
        struck = []

        def strike(_):
            if not struck:
                struck.append(True)
                kill(horses(crew))

        plant.sink.after_dot = strike
        address = "twice@example.com"
        hand_in(house, address)
        until(lambda: plant.sink.per_recipient()[address] == 2, 20)
    finally:
        plant.sink.after_dot = lambda taken: None
        kill(horses(crew))
        crew.kill()
        crew.wait()
        plant.processes.remove(crew)
