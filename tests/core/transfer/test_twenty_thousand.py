"""FEATURES 2.2: 20,000 rows of a workbook, half of them changes, ten touched by a person since; the undo restores 19,990 and names ten."""

import random
import resource
import sys
import time
from io import BytesIO
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from core.parties import actions
from core.parties import queries as parties
from core.parties.models import Contact
from core.transfer import checking, queries
from infra.db import database
from infra.workbooks_out import write_workbook
from tests.core.transfer.conftest import Import
from tests.support.world import House

ROWS = 20_000
SYLLABLES = [one + two for one in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "sch", "t", "v", "z") for two in ("a", "ei", "i", "o", "u", "er", "an", "in", "ung", "el")]
HEADER = ["External ID", "First name", "Last name", "Email", "Phone", "Email 2", "Street", "City", "Job title"]


def person(n):
    """A first and a last name as different as names are."""
    rng = random.Random(n)
    return tuple("".join(rng.choices(SYLLABLES, k=k)).capitalize() for k in (2, 3))


def workbook(rows):
    """The odd ones are known by their number and get another job and an address; the even ones are new."""
    file = BytesIO()
    lines = ([f"K-{n}", *person(n), f"p{n}@company{n}.example", f"+49 431 {n:07d}", f"q{n}@x.example", f"Weg {n}", "Kiel", "Chief"] for n in range(rows))
    write_workbook(file, "People", HEADER, lines)
    return file.getvalue()


@pytest.mark.deep
def test_twenty_thousand_rows_go_in_and_come_out_but_for_ten(app, monkeypatch, capsys):
    house, marks, doubles = House(f"tt{uuid4().hex[:6]}"), {}, [0.0]
    with house.ctx() as ctx:
        known = [{"name": " ".join(person(n)), "external_id": f"K-{n}", "job_title": "Clerk", "owner_id": ctx.actor.id} for n in range(1, ROWS, 2)]
        ctx.session.execute(insert(Contact), known)
    with database().owner() as connection:
        connection.execute(f"VACUUM (ANALYZE) {house.tenant.schema_name}.contact")  # as the server does by itself a minute later
    content, note = workbook(ROWS), checking.doubles.note_doubles

    def timed(*given):
        began = time.monotonic()
        note(*given)
        doubles[0] += time.monotonic() - began

    monkeypatch.setattr(checking.doubles, "note_doubles", timed)

    def mark(name, act):
        began = time.monotonic()
        result = act()
        marks[name] = round(time.monotonic() - began, 1)
        return result

    run = mark("upload", lambda: Import(house).upload(content, kind="contacts", name="people.xlsx"))
    assert run.row.mapping == ["external_id", "first_name", "last_name", "mail", "phone", "mail_2", "street", "city", "job_title"]
    run.choose(mode="both", key_field="external_id")
    mark("check", run.check)
    assert {name: run.row.counts[name] for name in ("create", "update")} == {"create": ROWS // 2, "update": ROWS // 2}
    mark("run", run.run)
    assert (run.row.counts["created"], run.row.counts["updated"]) == (ROWS // 2, ROWS // 2)
    with house.ctx("owner") as ctx:
        keys = ctx.session.execute(select(Contact.external_id, Contact.id).where(Contact.external_id.in_([f"K-{n}" for n in range(1000, 1010)]))).all()
        for _, key in keys:
            actions.edit_contact(ctx, parties.one_contact(ctx, key), notes="touched")
    mark("undo", run.undo)
    with house.ctx() as ctx:
        kept = queries.kept(ctx, queries.one(ctx, run.id))
        jobs = dict(ctx.session.execute(select(Contact.job_title, func.count()).where(Contact.deleted_at.is_(None)).group_by(Contact.job_title)).all())
    assert (run.row.counts["undone"], run.row.counts["kept"]) == (ROWS - 10, 10)
    assert {row.id for row in kept} == {key for _, key in keys} and all(row.name for row in kept)
    assert jobs == {"Clerk": ROWS // 2 - 5, "Chief": 10}
    with capsys.disabled():
        sys.stdout.write(f"\n{ROWS} rows: {marks} s, of the check {doubles[0]:.1f} s for duplicates; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB of the tests' process\n")
