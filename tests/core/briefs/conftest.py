"""A customer about whom much is known."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.activities import actions as log
from core.activities.models import Activity
from core.deals import actions as deals
from core.deals import moving
from core.deals.models import DealStage
from core.parties import actions as parties
from core.quotes import answering, drafting, lining, sending  # noqa: F401


@pytest.fixture
def customer():
    """customer(ctx): an account with people, contacts, promises, deals."""
    return fill


def fill(ctx, name="Nordlicht"):
    account = parties.create_account(ctx, name=name, city="Kiel", country="DE", industry="Optics", phone="+49 431 5550142")
    ctx.session.flush()
    soon = ctx.today + timedelta(days=5)
    person = parties.create_contact(ctx, name="Sofie Brandt", job_title="Head of purchasing", mail="sofie@nordlicht.example", account_id=account.id, birthday=soon.replace(year=1980).isoformat())
    ctx.session.flush()
    log.log_activity(ctx, kind="call", account=account, contact=person, body="Agreed: ten percent until March")
    late = log.log_activity(ctx, kind="call", account=account, body="Asked for samples", next_contact=ctx.today + timedelta(days=1), next_contact_note="Send the samples", next_contact_kind="promise")
    ctx.session.flush()
    ctx.session.execute(update(Activity).where(Activity.id == late.id).values(next_contact_on=ctx.today - timedelta(days=2)))
    deal = deals.create_deal(ctx, name="Forty trays", account_id=account.id, amount="12400", next_step="Call about the drawing", next_step_on=(ctx.today - timedelta(days=1)).isoformat())
    gone = deals.create_deal(ctx, name="Old racks", account_id=account.id, amount="900")
    ctx.session.flush()
    lost = ctx.session.execute(select(DealStage).where(DealStage.kind == "lost", DealStage.pipeline_id == gone.pipeline_id)).scalars().first()
    moving.move_deal(ctx, gone, lost.id, loss_reason="Too dear")
    for name, amount in (("Ten trays", "3100"), ("Counter", "8000")):
        sold = deals.create_deal(ctx, name=name, account_id=account.id, amount=amount)
        ctx.session.flush()
        moving.move_deal(ctx, sold, ctx.session.execute(select(DealStage.id).where(DealStage.kind == "won", DealStage.pipeline_id == sold.pipeline_id)).scalars().first())
    ctx.session.flush()
    ctx.session.expire_all()
    return account, person, deal
