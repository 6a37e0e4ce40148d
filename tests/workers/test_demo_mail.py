"""The demo's correspondence: two conversations, one answered, of which nothing leaves."""

from sqlalchemy import func, select

from core.mail import queries
from core.mail.models import MailMessage
from core.parties import actions as parties
from core.post.models import OutgoingMail
from workers.demo_mail import correspond


def test_it_is_written_once_and_nothing_leaves(ctx, shared_house):
    owner = shared_house.users["owner"].id
    assert correspond(ctx, owner) == 0, "where nobody is to write to"
    for name in ("Ada", "Berta", "Carl"):
        parties.create_contact(ctx, name=name, mail=f"{name.lower()}@customer.example")
    ctx.session.flush()
    before = ctx.session.execute(select(func.count()).select_from(OutgoingMail)).scalar_one()
    assert (correspond(ctx, owner), correspond(ctx, owner)) == (2, 0)
    found = {row.MailThread.subject: row.newest for row in queries.conversations(ctx)}
    assert set(found) == {"Delivery of the lathes", "Spare parts"} and found["Delivery of the lathes"].endswith("I note that date for you.")
    states = select(MailMessage.direction, MailMessage.author_id, func.count()).group_by(MailMessage.direction, MailMessage.author_id)
    assert {tuple(row) for row in ctx.session.execute(states)} == {("in", None, 2), ("out", owner, 1)}
    assert ctx.session.execute(select(func.count()).select_from(OutgoingMail)).scalar_one() == before
