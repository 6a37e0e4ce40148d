"""Enquiries that nobody took up go by the clock; what became a lead stays as long as its lead."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy import delete, func, select

from core.audit.models import AuditEntry
from core.intake import deciding, tidying
from core.intake.models import Enquiry
from core.leads.models import Lead
from tenants import entry
from tests.support.intake import build, sent
from tests.support.world import House
from workers.schedule import SCHEDULE


def there(house, keys):
    with house.ctx() as ctx:
        found = set(ctx.session.execute(select(Enquiry.id)).scalars())
    return [key in found for key in keys]


def test_the_clock_asks_where_there_are_any(app):
    house = House(f"tidy-{uuid4().hex[:6]}")
    (one,) = [one for one in SCHEDULE if one.job == "enquiries.tidy"]
    with house.ctx() as ctx:
        assert one.local and one.each_tenant and not one.where(ctx.session)
    sent(house, build(house)[1], trap="x")
    with house.ctx() as ctx:
        assert one.where(ctx.session)


def test_what_nobody_took_up_goes_after_its_time_and_a_lead_keeps_its_enquiry(house, order, work, row):
    code, asking = build(house)[1], build(house, confirmed="before")[1]
    old = entry.utcnow() - tidying.KEPT - timedelta(minutes=1)
    held, discarded, again, taken, waits = (sent(house, one, now=old, trap=trap) for one, trap in ((code, "x"), (code, "x"), (code, "x"), (code, ""), (asking, "")))
    young = sent(house, code, trap="x", now=old + timedelta(hours=1))
    with house.ctx(now=old + timedelta(seconds=1)) as ctx:
        deciding.discard(ctx, deciding.one_enquiry(ctx, discarded))
    for act in (deciding.discard, deciding.bring_back):
        with house.ctx() as ctx:
            act(ctx, deciding.one_enquiry(ctx, again))
    for deleted in (3, 0):
        work(key := order("enquiries.tidy"))
        assert row(key).result == {"deleted": deleted}
    assert there(house, [held, discarded, waits, again, taken, young]) == [False] * 3 + [True] * 3
    with house.ctx() as ctx:
        gone = ctx.session.execute(select(AuditEntry).where(AuditEntry.row_id == held, AuditEntry.action == "delete")).scalars().one()
        assert not [word for word in ("Ada Lace", "people.example", "trays") if word in str(gone.changes)]
        ctx.session.execute(delete(Lead).where(Lead.id == ctx.session.get_one(Enquiry, taken).lead_id))
    assert there(house, [taken]) == [False], "with its lead"


def test_however_many_are_over_all_go_in_one_night_a_step_at_a_time(house, order, work, row, monkeypatch):
    monkeypatch.setattr(tidying, "AT_ONCE", 2)
    code, old = build(house)[1], entry.utcnow() - tidying.KEPT - timedelta(minutes=1)
    keys = [sent(house, code, now=old, trap="x") for _ in range(5)]
    work(key := order("enquiries.tidy"))
    assert row(key).result == {"deleted": 5} and there(house, keys) == [False] * 5
    with house.ctx() as ctx:
        moments = ctx.session.execute(select(func.count()).select_from(AuditEntry).where(AuditEntry.row_id.in_(keys), AuditEntry.action == "delete").group_by(AuditEntry.at)).scalars()
        assert sorted(moments) == [1, 2, 2], "each step by itself"
