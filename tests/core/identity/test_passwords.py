"""What a password may be: long, not stolen, and nothing else; and hashes that grow with their cost."""

import threading
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from core.base.errors import Refused
from core.identity import actions, queries, rules
from infra import breached, breached_tool, crypto
from tests.support.world import PASSWORD, House


@pytest.mark.parametrize("password, code", [
    ("eleven char", "password_short"), ("x" * 129, "password_long"), ("administrator", "password_known"), ("AdministratoR", "password_known"),
    ("1qaz2wsx3edc", "password_known"), ("123456789qwe", "password_known"), ("abcabcabcabc", "password_known"), ("tendero12345", "password_known"),
])
def test_what_is_short_endless_or_stolen_is_refused(password, code):
    with pytest.raises(Refused, match=code):
        rules.check_new_password(password)


@pytest.mark.parametrize("password", ["twelve chars", "correct horse battery", "x y" * 42 + "zz", "мой длинный пароль", "我的密码是很长的一句话吧对吗", "aaaa bbbb ccc"])
def test_nothing_is_said_about_what_it_is_made_of(password):
    assert rules.check_new_password(password) == password


def test_without_the_list_a_stolen_password_would_pass(monkeypatch):
    """Negative control."""
    monkeypatch.setattr(breached, "is_breached", lambda password: False)
    assert rules.check_new_password("1qaz2wsx3edc")


def test_the_list_holds_all_that_it_was_made_of_and_hardly_anything_else(monkeypatch, tmp_path):
    made = [f"stolen password {n}" for n in range(1000)]
    path = tmp_path / "list.bin"
    path.write_bytes(breached_tool.make([*made, "short", ""]))
    monkeypatch.setattr(breached, "_listed", path.read_bytes)
    assert all(breached.is_breached(one) for one in made) and all(breached.is_breached(one.upper()) for one in made)
    assert not any(breached.is_breached(f"kept password {n}") for n in range(1000)) and not breached.is_breached("short")


def test_the_list_that_we_ship_is_whole():
    listed = breached._listed()
    rows = [listed[n : n + breached.WIDTH] for n in range(0, len(listed), breached.WIDTH)]
    assert len(rows) > 40_000 and rows == sorted(set(rows))


@pytest.fixture(scope="module")
def house(app):
    return House(f"pw-{uuid4().hex[:8]}", {"owner": "admin", "rep": "sales"})


def test_a_hash_of_older_cost_is_made_anew_when_its_person_signs_in(house):
    with house.ctx() as ctx:
        user = queries.one_user(ctx, house.users["rep"].id)
        user.password_hash = old = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with house.ctx() as ctx:
        assert actions.prove(ctx.session, user.mail, PASSWORD).password_hash != old
    with house.ctx() as ctx:
        kept = queries.one_user(ctx, user.id).password_hash
        assert not crypto.needs_rehash(kept) and actions.prove(ctx.session, user.mail, PASSWORD).password_hash == kept


def test_no_more_hashes_at_once_than_there_is_memory_for(monkeypatch):
    """Twelve at once: four are computed, the others wait."""
    inside, most, gate = [], [], threading.Event()

    class Slow:
        def verify(self, stored, password):
            inside.append(1)
            most.append(len(inside))
            gate.wait(10)
            inside.pop()
            return True

    monkeypatch.setattr(crypto, "_hasher", Slow())
    threads = [threading.Thread(target=crypto.check_password, args=("x", "y")) for _ in range(12)]
    [one.start() for one in threads]
    while len(most) < 4:
        gate.wait(0.01)
    gate.set()
    [one.join() for one in threads]
    assert max(most) == 4 and len(most) == 12
