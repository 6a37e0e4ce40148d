"""The clock's sign of life."""

from datetime import timedelta

from tenants import entry
from workers import leader


def test_a_sign_of_life_that_comes_late_does_not_set_the_clock_back(app):
    """Whoever was frozen in the middle of it would make his successor look stuck, and depose him."""
    now = entry.utcnow()
    leader.say_alive(now, begins=True)
    leader.say_alive(now - timedelta(seconds=30))
    assert leader.alive_at() == now
    leader.say_alive(now - timedelta(seconds=20), begins=True)
    assert leader.alive_at() == now - timedelta(seconds=20)
