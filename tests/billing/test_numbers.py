"""Invoice numbers without gaps, issued invoices without change (BILLING 0.7, tests 38 and 40)."""

import random
import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from billing import invoicing, signup, subscriptions
from billing.models import Invoice
from infra.config import settings
from infra.db import control_scope, database, make_engine, open_session
from tenants import entry, provisioning

WORKERS, EACH = 8, 50


class Crash(Exception):
    """A transaction that dies after it took its number."""


def numbers_taken(take) -> list[int]:
    """The numbers that were kept when 8 threads take 50 each and a tenth of them crash afterwards."""
    engine, kept = make_engine(settings().database_url, pool_size=WORKERS), []

    def work(seed):
        dice = random.Random(seed)
        for _ in range(EACH):
            try:
                with open_session(engine, control_scope()) as session, session.begin():
                    number = take(session)
                    if dice.random() < 0.1:
                        raise Crash
                kept.append(number)
            except Crash:
                pass

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.dispose()
    return sorted(kept)


def gaps(numbers: list[int]) -> int:
    return numbers[-1] - len(set(numbers)) if numbers else 0


def test_eight_workers_with_crashes_leave_no_gap_and_no_double(app):
    series = f"try-{uuid4().hex[:8]}"
    found = numbers_taken(lambda session: int(invoicing.take_number(session, series, 2026).split("-")[1]))
    assert found == list(range(1, len(found) + 1)) and len(found) < WORKERS * EACH


def test_negative_control_a_sequence_leaves_gaps(app):
    name = f"control.try_{uuid4().hex[:8]}"
    with database().owner() as connection:
        connection.execute(f"CREATE SEQUENCE {name}")
        connection.execute(f"GRANT USAGE ON SEQUENCE {name} TO tendero_control")
    found = numbers_taken(lambda session: session.execute(text(f"SELECT nextval('{name}')")).scalar_one())  # noqa: S608
    assert gaps(found) > 0


@pytest.fixture(scope="module")
def issued(app):
    """One issued invoice."""
    provisioning.fill_pool(1)
    now = entry.utcnow()
    tenant, _ = signup.sign_up(company="Nummer", slug=f"nr-{uuid4().hex[:8]}", mail="eva@nr.example", password="Zaunkoenig-7788", name="Eva", now=now)
    buyer = subscriptions.Buyer("Nummer AG", "Weg 1", "8000", "Zürich", "CH", "eva@nr.example")
    with entry.control() as session:
        return subscriptions.order_by_transfer(
            session, tenant.id, key=uuid4(), plan="starter", interval="year", seats=1, seats_used=1, buyer=buyer, by="Eva", now=now
        )


@pytest.mark.parametrize("statement", [
    "UPDATE control.invoice SET gross = gross + 1, net = net + 1 WHERE id = :id", "UPDATE control.invoice SET number = '2026-999999' WHERE id = :id",
    "UPDATE control.invoice SET status = 'draft', number = NULL WHERE id = :id", "UPDATE control.invoice SET buyer = '{}' WHERE id = :id",
    "UPDATE control.invoice SET due_on = due_on + 90 WHERE id = :id", "DELETE FROM control.invoice WHERE id = :id",
    "UPDATE control.invoice_line SET net = 1 WHERE invoice_id = :id", "DELETE FROM control.invoice_line WHERE invoice_id = :id",
    "INSERT INTO control.invoice_line (invoice_id, position, kind, text, quantity, unit, net, tax_rate, tax) "
    "VALUES (:id, 9, 'adjustment', '{}', 1, 1, 1, 0, 0)",
    "UPDATE control.payment SET amount = 1 WHERE invoice_id = :id", "DELETE FROM control.invoice_file WHERE invoice_id = :id",
    "UPDATE control.billing_audit SET reason = 'x' WHERE :id IS NOT NULL", "DELETE FROM control.access_event WHERE :id IS NOT NULL",
])
def test_the_database_refuses_to_change_what_was_issued(issued, statement):
    with pytest.raises(ProgrammingError, match=r"immutable|permission denied"), entry.control() as session:
        session.execute(text(statement.replace(":id", f"'{issued.id}'::uuid")))


def test_what_happens_afterwards_may_be_written(issued):
    with entry.control() as session:
        row = session.get_one(Invoice, issued.id)
        row.status, row.paid_at = "uncollectible", entry.utcnow() + timedelta(days=100)
