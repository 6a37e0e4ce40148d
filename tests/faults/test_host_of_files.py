"""The host of files belongs to all tenants: one whose downloads are stuck takes no thread from the others'."""

import threading
import time
from collections import Counter
from io import BytesIO
from urllib.parse import urlsplit

from core.files import actions, links
from core.parties.actions import create_account
from infra.db import database
from tests.support.served import Served


def path_of_file(house):
    """A link to a file of the tenant, as path and query."""
    with house.ctx("owner") as ctx:
        file = actions.add_file(ctx, create_account(ctx, name="Nordlicht"), source=BytesIO(b"bytes"), name="offer.txt")
        ctx.session.flush()
        parts = urlsplit(links.link_to(ctx, file))
    return f"{parts.path}?{parts.query}"


def test_one_tenants_stuck_downloads_are_in_nobody_elses_way(world, tmp_path):
    mine, theirs, stuck, met = path_of_file(world.acme), path_of_file(world.globex), Counter(), []
    with Served(tmp_path, workers=1, threads=4) as served:
        def fetch(path):
            return served.get(path, "files.localhost", timeout=30)[0]

        assert [fetch(mine), fetch(theirs)] == [200, 200]
        with database().owner() as connection, connection.transaction():
            connection.execute(f"LOCK TABLE {world.acme.tenant.schema_name}.attachment IN ACCESS EXCLUSIVE MODE")  # noqa: S608 (a schema of ours)
            crowd = [threading.Thread(target=lambda: stuck.update([fetch(mine)])) for _ in range(20)]
            [thread.start() for thread in crowd]
            time.sleep(0.3)
            for _ in range(5):
                began = time.monotonic()
                met.append((fetch(theirs), time.monotonic() - began))
            assert not stuck[200], "the crowd was never stuck"
        [thread.join() for thread in crowd]
    assert [status for status, _ in met] == [200] * 5 and max(seconds for _, seconds in met) < 1, met
    assert sum(stuck.values()) == 20
