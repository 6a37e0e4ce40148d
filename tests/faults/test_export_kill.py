"""An export killed with -9 at random points is begun anew, is whole in the end, and leaves no other file behind."""

import random
import time
from uuid import uuid4

import pytest
from sqlalchemy import insert

from core.parties.models import Account
from core.transfer import preparing
from core.transfer.exporting import Shape
from core.transfer.models import PreparedExport
from core.transfer.wanted import Wanted
from infra.storage import FolderStore
from tests.faults.test_import_kill import let_lease_end, order_of, state_of, work_in_child
from tests.support.world import House

ROWS, KILLS = 20_000, 4


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_killed_at_random_points_is_whole_and_leaves_nothing_behind(app, tmp_path, monkeypatch, form):
    folder, rng = FolderStore(tmp_path), random.Random(5)
    monkeypatch.setattr(preparing, "storage", lambda: folder)
    house = House(f"ek{uuid4().hex[:6]}", {"owner": "admin"})
    with house.ctx() as ctx:
        ctx.session.execute(insert(Account), [{"name": f"Company {n}", "owner_id": ctx.actor.id} for n in range(ROWS)])
        key = preparing.ask(ctx, Wanted("accounts", shape=Shape(form)), "accounts").id
    order_id, hit, left = order_of(house, preparing.JOB), 0, 0
    for _ in range(KILLS):
        child = work_in_child(house, order_id)
        until = time.monotonic() + 10
        while time.monotonic() < until and not list(tmp_path.rglob("*.part")):
            time.sleep(0.01)
        time.sleep(rng.uniform(0.0, 0.2))
        hit += child.is_alive()
        child.kill()
        child.join()
        left += bool(list(tmp_path.rglob("*.part")))
        let_lease_end(house, order_id)
    assert hit and left, "no kill met the writing"
    work_in_child(house, order_id).join(120)
    assert state_of(house, order_id) == "done"
    with house.ctx() as ctx:
        run = ctx.session.get_one(PreparedExport, key)
        assert (run.state, run.rows_done) == ("ready", ROWS)
        assert [path.name for path in tmp_path.rglob("*") if path.is_file() or path.suffix] == [run.file_key.rsplit("/", 1)[1]]
        content = preparing.fetch(ctx, key)[1].read()
    assert content.count(b"\r\nCompany ") == 0 if form == "xlsx" else content.count(b"Company ") == ROWS
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
