"""People to write to. Names are made up; every address ends in .example."""

from collections import Counter
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from core.parties.models import Account, Contact


def add_contact(ctx, name: str, mail: str | None, **values) -> Contact:
    """A contact as the form would store it, without the form."""
    values.setdefault("tags", ["news"])
    contact = Contact(name=name, mail=mail, mail_norm=mail.casefold() if mail else None, **values)
    ctx.session.add(contact)
    ctx.session.flush()
    return contact


@pytest.fixture
def people(ctx):
    """Five people with the tag news, one of them twice under one address, one without, one of another tag."""
    nordlicht = Account(name="Nordlicht Optik")
    ctx.session.add(nordlicht)
    ctx.session.flush()
    return {
        "anna": add_contact(ctx, "Anna Ahlberg", "anna@people.example", account_id=nordlicht.id, how_to_address="Dear Anna", language="es"),
        "bo": add_contact(ctx, "Bo Berg", "bo@people.example", tags=["news", "vip"]),
        "bo2": add_contact(ctx, "Bo Berg again", "BO@people.example"),
        "cleo": add_contact(ctx, "Cleo <b>Cruz</b>", "cleo@people.example", tags=["vip"]),
        "dan": add_contact(ctx, "Dan Dahl", None),
    }


@pytest.fixture
def sink(app, monkeypatch):
    """A mail server of this test's own, and our settings pointing at it."""
    from tests.support.smtp_sink import aimed_at_a_sink

    with aimed_at_a_sink(monkeypatch) as sink:
        yield sink


@pytest.fixture
def post_office(world, sink):
    office = PostOffice(world.acme, sink)
    yield office
    office.close()


class PostOffice:
    """A tenant with contacts under a tag of their own, a mailing to them, and a worker that runs what is due."""

    def __init__(self, house, sink):
        self.house, self.sink, self.tag = house, sink, uuid4().hex[:8]

    def people(self, count: int) -> list[str]:
        with self.house.ctx() as ctx:
            return [add_contact(ctx, f"Person {n:04}", f"p{n}.{self.tag}@people.example", tags=[self.tag]).mail for n in range(count)]

    def start(self, **values):
        from core.mailings import drafting, running

        with self.house.ctx() as ctx:
            texts = {"subject": "News", "body": "Hello {{ contact.name }}", "tags": [self.tag], **values}
            mailing = drafting.draft_mailing(ctx, **texts)
            ctx.session.flush()
            return running.start_mailing(ctx, mailing.id).id

    def work(self) -> list[str]:
        """Run every order that is due, and those that they leave behind, in this process."""
        from core.base.outbox import Order, due_orders
        from tenants import entry
        from workers.run import work

        words = []
        for _ in range(50):
            with entry.enter(self.house.tenant) as session:
                due = [row.id for row in due_orders(session, Order, now=entry.utcnow())]
            if not due:
                return words
            words += [work(str(order_id), str(self.house.tenant.id)) for order_id in due]
        raise AssertionError("the orders never end")

    def make_due(self, mailing_id) -> None:
        """The waiting time after a refusal is over."""
        from core.base.outbox import Order
        from core.mailings.models import MailingRecipient

        with self.house.ctx() as ctx:
            ctx.session.execute(update(MailingRecipient).where(MailingRecipient.mailing_id == mailing_id, MailingRecipient.state == "queued").values(next_at=ctx.now))
            ctx.session.execute(update(Order).where(Order.state == "waiting").values(due_at=ctx.now))

    def close(self) -> None:
        """What this test left unfinished does not go on in the next one."""
        from core.mailings import queries, running

        with self.house.ctx() as ctx:
            for mailing, _ in queries.mailings(ctx):
                if mailing.state in ("sending", "paused"):
                    running.cancel_mailing(ctx, mailing.id)

    def rows(self, mailing_id) -> dict:
        """address -> recipient."""
        from core.mailings.models import MailingRecipient

        with self.house.ctx() as ctx:
            found = ctx.session.execute(select(MailingRecipient).where(MailingRecipient.mailing_id == mailing_id)).scalars()
            return {row.address: row for row in found}

    def states(self, mailing_id) -> Counter:
        return Counter(row.state for row in self.rows(mailing_id).values())

    def mailing(self, mailing_id):
        from core.mailings import queries

        with self.house.ctx() as ctx:
            return queries.one(ctx, mailing_id)
