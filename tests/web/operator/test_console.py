"""The operators' console: the way in, tenants, holds, payments, queues."""

import threading
from datetime import timedelta
from uuid import uuid4

import pyotp
import pytest
from sqlalchemy import delete

from billing import access, signup, subscriptions
from billing.models import AccessEvent, BillingAudit, Invoice, Payment
from core.base.errors import Refused
from core.base.outbox import Order, defer_row
from infra import limits
from tenants import entry, operations, registry
from tenants.models import Clock, ControlOrder, Operator, OperatorAct, Run, Tenant
from tests.support.world import House
from web import door

PASSWORD = "a long operator phrase"
HOST = "http://ops.localhost"


class Console:
    """An HTTP client on the operators' host."""

    def __init__(self, app, made: operations.NewOperator):
        self.client, self.made, self.csrf = app.test_client(), made, ""
        self.totp = pyotp.parse_uri(made.uri)

    def get(self, path, **rest):
        return self.client.get(path, base_url=HOST, **rest)

    def post(self, path, data=None, **rest):
        return self.client.post(path, base_url=HOST, data={"_csrf": self.csrf, **(data or {})}, **rest)

    def password(self, password=PASSWORD, mail=None):
        limits.forget()
        return self.post("/sign-in", {"mail": mail or self.made.operator.mail_norm, "password": password})

    def code(self, code):
        self.csrf = self._csrf_of_cookie()
        return self.post("/sign-in/code", {"code": code})

    def sign_in(self):
        assert self.password().status_code == 303
        assert self.code(self.totp.now()).status_code == 303
        self.csrf = self._csrf_of_cookie()
        return self

    def twin(self):
        """The same session in a client of its own, for a second thread."""
        other = Console(self.client.application, self.made)
        other.client.set_cookie(door.cookie_name(), self.client.get_cookie(door.cookie_name(), domain="ops.localhost").value, domain="ops.localhost")
        other.csrf = self.csrf
        return other

    def _csrf_of_cookie(self):
        cookie = self.client.get_cookie(door.cookie_name(), domain="ops.localhost")
        with entry.control() as session:
            for half in (True, False):
                found = operations.session_of(session, cookie.value, entry.utcnow(), half=half)
                if found:
                    return found[0].csrf
        return ""


def make_operator(app):
    with entry.control() as session:
        made = operations.create_operator(session, mail=f"olga-{uuid4().hex[:8]}@tendero.example", name="Olga", password=PASSWORD, now=entry.utcnow())
    return Console(app, made)


@pytest.fixture
def console(app):
    """An operator who has not signed in."""
    return make_operator(app)


@pytest.fixture(scope="module")
def inside(app):
    """An operator who has."""
    return make_operator(app).sign_in()


@pytest.fixture
def company(app):
    """A company of this test's own, on a plan with an open invoice."""
    house, now = House(f"rents-{uuid4().hex[:6]}", {"owner": "admin"}), entry.utcnow()
    buyer = subscriptions.Buyer("Acme GmbH", "Hauptstr. 1", "10115", "Berlin", "DE", "billing@acme.example")
    with entry.control() as session:
        tenant = session.get_one(Tenant, house.tenant.id)
        signup.start_trial(session, tenant, company=tenant.name, mail="owner@acme.example", now=now)
        subscriptions.order_by_transfer(
            session, tenant.id, key=uuid4(), plan="team", interval="month", seats=5, seats_used=5, buyer=buyer, by="Owner", now=now
        )
    registry.forget()
    return house


def test_the_right_password_alone_opens_nothing(console):
    assert console.password().location.startswith("/sign-in/code")
    assert console.get("/").status_code == 303
    assert console.get("/").location.startswith("/sign-in")


def test_password_and_code_open_the_console(console):
    assert console.sign_in().get("/").status_code == 200


@pytest.mark.parametrize("password", ["wrong wrong wrong", "", "x" * 300])
def test_a_wrong_password_says_nothing_of_the_account(console, password):
    known, unknown = console.password(password), console.password(password, mail="nobody@tendero.example")
    assert known.status_code == unknown.status_code == 422


def test_a_code_works_once(app, console):
    code = console.totp.now()
    console.password()
    assert console.code(code).status_code == 303
    replay = Console(app, console.made)
    replay.password()
    assert replay.code(code).status_code == 422
    assert replay.get("/").status_code == 303


def test_a_code_works_once_even_when_it_comes_twice_at_once(console):
    now, barrier, results = entry.utcnow(), threading.Barrier(2), []

    def use():
        with entry.control() as session:
            token = operations.start_sign_in(session, console.made.operator.mail_norm, PASSWORD, now=now, ip=None, agent=None)
        try:
            with entry.control() as session:
                half, _ = operations.session_of(session, token, now, half=True)
                barrier.wait(5)
                operations.finish_sign_in(session, half, console.totp.at(now), now=now)
                results.append("in")
        except Refused as refusal:
            results.append(refusal.code)

    threads = [threading.Thread(target=use) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["in", "weak_code"]


@pytest.mark.parametrize("steps", [-2, 3])  # 2 would become 1 where the clock passes a step meanwhile
def test_a_code_more_than_one_step_away_is_refused(console, steps):
    console.password()
    assert console.code(console.totp.at(entry.utcnow() + timedelta(seconds=30 * steps))).status_code == 422


def test_an_older_code_than_the_last_one_is_refused(app, console):
    console.password()
    assert console.code(console.totp.at(entry.utcnow() + timedelta(seconds=30))).status_code == 303
    other = Console(app, console.made)
    other.password()
    assert other.code(console.totp.now()).status_code == 422


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "１２３４５６", "-12345", "0" * 40, "' OR 1=1 --"])
def test_what_is_not_the_code_is_refused(console, code):
    console.password()
    assert console.code(code).status_code == 422


def test_a_recovery_code_works_once(app, console):
    code = console.made.codes[3]
    console.password()
    assert console.code(code.upper()).status_code == 303
    other = Console(app, console.made)
    other.password()
    assert other.code(code).status_code == 422
    assert other.code(console.made.codes[4]).status_code == 303


def test_guessing_codes_is_slowed_down(console):
    console.password()
    answers = [console.code(f"{n:06d}").status_code for n in range(8)]
    assert answers[-1] == 429 and answers.count(422) <= 5


def test_the_second_factor_is_not_readable_in_the_database(console):
    with entry.control() as session:
        row = session.query(Operator).filter_by(mail_norm=console.made.operator.mail_norm).one()
        assert console.totp.secret.encode() not in row.totp_secret
        assert not any(code.replace("-", "") in str(row.recovery_hashes) for code in console.made.codes)


def test_the_session_changes_at_each_step(console):
    cookies = []
    console.password()
    cookies.append(console.client.get_cookie(door.cookie_name(), domain="ops.localhost").value)
    console.code(console.totp.now())
    cookies.append(console.client.get_cookie(door.cookie_name(), domain="ops.localhost").value)
    assert len(set(cookies)) == 2
    stolen = Console(console.client.application, console.made)
    stolen.client.set_cookie(door.cookie_name(), cookies[0], domain="ops.localhost")
    assert stolen.get("/").status_code == 303


def test_signing_out_ends_the_session(console):
    console.sign_in()
    cookie = console.client.get_cookie(door.cookie_name(), domain="ops.localhost").value
    assert console.post("/sign-out").status_code == 303
    console.client.set_cookie(door.cookie_name(), cookie, domain="ops.localhost")
    assert console.get("/").status_code == 303


def test_the_console_is_not_there_on_other_hosts(world, inside):
    browser = world.browser("owner")
    for path in (f"/tenants/{world.acme.tenant.id}", "/queues"):
        assert browser.get(path).status_code == 404
        assert inside.client.get(path, base_url="http://localhost").status_code == 404


def test_a_tenants_session_opens_nothing_here(world, app):
    browser = world.browser("owner")
    token = browser.client.get_cookie(door.cookie_name(), domain=world.acme.host).value
    client = app.test_client()
    client.set_cookie(door.cookie_name(), token, domain="ops.localhost")
    assert client.get("/", base_url=HOST).status_code == 303


def test_the_list_finds_a_company_and_turns_its_pages(inside, world, company):
    assert company.tenant.name in inside.get("/").text
    found = inside.get(f"/?q={company.tenant.slug}").text
    assert company.tenant.name in found and world.globex.tenant.name not in found
    assert "Nothing found" in inside.get("/?q=%25_").text
    assert inside.get("/?before=rubbish").status_code == 200


def test_a_deletion_is_taken_back_with_a_reason_and_what_was_paid_decides_again(inside, world, company):
    from tenants import lifecycle

    where = f"/tenants/{company.tenant.id}"
    assert inside.post(f"{where}/keeping", {"reason": "nobody asked"}).status_code == 422
    run = lifecycle.ask_deletion(company.fresh(), "test")
    registry.forget()
    assert "keep-reason" in inside.get(where).text
    assert world.browser("owner", company).get("/accounts").status_code == 402
    assert inside.post(f"{where}/keeping", {"reason": " "}).status_code == 422
    assert inside.post(f"{where}/keeping", {"reason": "they called <b>"}).status_code == 303
    assert (company.fresh().state, company.fresh().access, company.fresh().delete_after) == ("active", "active", None)
    assert world.browser("owner", company).get("/accounts").status_code == 200
    assert "they called &lt;b&gt;" in inside.get(where).text and "keep-reason" not in inside.get(where).text
    with entry.control() as session:
        assert session.query(OperatorAct).filter_by(tenant_id=company.tenant.id, action="tenant.kept").count() == 1
        assert session.query(BillingAudit).filter_by(tenant_id=company.tenant.id, action="tenant.kept").count() == 1
        assert session.get_one(Run, run.id).state == "cancelled"


def test_an_erasure_that_has_begun_is_not_taken_back(inside, company):
    from tenants import lifecycle

    run = lifecycle.ask_deletion(company.fresh(), "test")
    with entry.control() as session:
        session.get_one(Run, run.id).step = "runs"
    assert inside.post(f"/tenants/{company.tenant.id}/keeping", {"reason": "too late"}).status_code == 422
    assert company.fresh().state == "deleting"


def test_who_stays_closed_for_want_of_payment_is_not_kept_before_that_is_settled(inside, company):
    from tenants import lifecycle

    where = f"/tenants/{company.tenant.id}"
    with entry.control() as session:
        subscription = access.subscription_of(session, company.tenant.id)
        subscription.cancel_at = entry.utcnow() - timedelta(days=1)
    lifecycle.ask_deletion(company.fresh(), "test")
    assert inside.post(f"{where}/keeping", {"reason": "a favour"}).status_code == 422
    assert company.fresh().state == "deleting"
    assert inside.post(f"{where}/comp", {"until": (entry.utcnow() + timedelta(days=9)).date().isoformat(), "reason": "a favour"}).status_code == 303
    assert inside.post(f"{where}/keeping", {"reason": "a favour"}).status_code == 303
    assert (company.fresh().state, company.fresh().access) == ("active", "active")


def test_keyset_pages_show_everybody_once(world, stack):
    from tenants import listing

    seen, before = [], None
    with entry.control() as session:
        while True:
            page, more = listing.page_of(session, before=before, limit=1)
            seen += [tenant.id for tenant in page]
            if not more:
                break
            before = listing.read_mark(listing.mark_of(page[-1]))
    assert len(seen) == len(set(seen)) >= 2


def test_suspending_needs_a_reason_and_keeps_people_to_export_and_payment(inside, world, company):
    where = f"/tenants/{company.tenant.id}"
    assert inside.post(f"{where}/suspension", {"reason": " "}).status_code == 422
    assert inside.post(f"{where}/suspension", {"reason": "chargeback <b>"}).status_code == 303
    assert company.fresh().access == "suspended"
    assert "chargeback &lt;b&gt;" in inside.get(where).text
    assert world.browser("owner", company).get("/subscription").status_code == 200
    assert inside.post(f"{where}/suspension", {"reason": "again"}).status_code == 422
    assert inside.post(f"{where}/resumption").status_code == 303
    assert company.fresh().access == "active"
    with entry.control() as session:
        acts = [a.action for a in session.query(OperatorAct).filter_by(tenant_id=company.tenant.id).order_by(OperatorAct.at)]
        assert acts[-2:] == ["tenant.suspended", "tenant.resumed"]
        assert session.query(AccessEvent).filter_by(tenant_id=company.tenant.id, after="suspended").count() >= 1


def test_a_comp_lifts_what_is_owed_until_its_day(inside, company):
    with entry.control() as session:
        subscriptions.review(session, company.tenant, entry.utcnow() + timedelta(days=70))
    assert company.fresh().access == "suspended"
    until = (entry.utcnow() + timedelta(days=90)).date()
    past = inside.post(f"/tenants/{company.tenant.id}/comp", {"until": "2020-01-01", "reason": "late"})
    assert past.status_code == 422 and "in the future" in past.text
    assert inside.post(f"/tenants/{company.tenant.id}/comp", {"until": until.isoformat(), "reason": "partner"}).status_code == 303
    assert company.fresh().access == "active"
    with entry.control() as session:
        subscriptions.review(session, company.tenant, entry.utcnow() + timedelta(days=95))
        assert session.query(BillingAudit).filter_by(tenant_id=company.tenant.id, action="tenant.comped", reason="partner").count() == 1
    assert company.fresh().access == "closed"


@pytest.mark.parametrize(("changes", "says"), [
    ({"amount": "0"}, "amount"), ({"amount": "-5"}, "amount"), ({"amount": "ten"}, "decimal"), ({"amount": "NaN"}, ""), ({"amount": "1e99"}, ""),
    ({"received_on": "2999-01-01"}, "in the future"), ({"received_on": "yesterday"}, "date"), ({"method": "gold"}, "choice"),
])
def test_a_payment_that_cannot_be_is_refused(inside, company, changes, says):
    with entry.control() as session:
        invoice = access.open_invoices(session, company.tenant.id)[0]
    data = {"amount": "10", "received_on": entry.utcnow().date().isoformat(), "method": "bank_transfer", "seen": "0", **changes}
    answer = inside.post(f"/invoices/{invoice.id}/payments", data)
    assert answer.status_code == 422 and says in answer.text


def test_a_recorded_payment_settles_the_invoice(inside, company):
    with entry.control() as session:
        invoice = access.open_invoices(session, company.tenant.id)[0]
    where, today = f"/invoices/{invoice.id}", entry.utcnow().date().isoformat()
    assert inside.get(where).status_code == 200
    half = {"amount": f"{invoice.gross / 200:.2f}", "received_on": today, "method": "bank_transfer"}
    assert inside.post(f"{where}/payments", half | {"seen": "0"}).status_code == 303
    text = inside.get(where).text
    assert "Partly paid" in text and 'name="seen" value="1"' in text
    assert inside.post(f"{where}/payments", half | {"seen": "1"}).status_code == 303
    assert "Paid" in inside.get(where).text
    assert inside.get(f"{where}/pdf").data.startswith(b"%PDF")


def test_an_amount_is_read_as_the_operator_writes_it(inside, company):
    with entry.control() as session:
        invoice = session.query(Invoice).filter_by(tenant_id=company.tenant.id).one()
    answer = inside.post(f"/invoices/{invoice.id}/payments", {"amount": "12,50", "received_on": entry.utcnow().date().isoformat(), "method": "bank_transfer", "seen": "0"})
    assert answer.status_code == 303
    with entry.control() as session:
        assert session.query(Payment).filter_by(invoice_id=invoice.id).one().amount == 1250


def payments_of(invoice):
    with entry.control() as session:
        return session.query(Payment).filter_by(invoice_id=invoice.id).count()


def test_the_same_form_sent_twice_at_once_books_one_payment(inside, company):
    with entry.control() as session:
        invoice = access.open_invoices(session, company.tenant.id)[0]
    where = f"/invoices/{invoice.id}"
    assert 'name="seen" value="0"' in inside.get(where).text
    data = {"amount": "10", "received_on": entry.utcnow().date().isoformat(), "method": "bank_transfer", "seen": "0"}
    start, answers = threading.Barrier(2), []

    def send(other):
        start.wait()
        answers.append(other.post(f"{where}/payments", data).status_code)

    threads = [threading.Thread(target=send, args=(inside.twin(),)) for _ in range(2)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answers) == [303, 422] and payments_of(invoice) == 1


@pytest.mark.parametrize("seen", ["0", "", None, "-1", "x", "٠", "9" * 400])
def test_going_back_and_sending_the_payment_again_is_refused_until_it_was_looked_at(inside, company, seen):
    with entry.control() as session:
        invoice = access.open_invoices(session, company.tenant.id)[0]
    where = f"/invoices/{invoice.id}/payments"
    data = {"amount": "10", "received_on": entry.utcnow().date().isoformat(), "method": "bank_transfer"}
    assert inside.post(where, data | {"seen": "0"}).status_code == 303
    again = inside.post(where, data | ({} if seen is None else {"seen": seen}))
    assert again.status_code == 422 and "A payment was recorded meanwhile" in again.text and 'name="seen" value="1"' in again.text
    assert payments_of(invoice) == 1
    assert inside.post(where, data | {"seen": "1"}).status_code == 303 and payments_of(invoice) == 2


def test_the_queues_page_retries_what_was_given_up(inside, company):
    now = entry.utcnow()
    with entry.control() as session:
        ours = defer_row(session, ControlOrder, "x.failed", now=now, due_at=None, queue=None, dedupe=None, asked_by=None, args={})
        session.get_one(ControlOrder, ours).state = "parked"
    with entry.enter(company.tenant) as session:
        theirs = defer_row(session, Order, "y.failed", now=now, due_at=None, queue=None, dedupe=None, asked_by=None, args={})
        session.get_one(Order, theirs).state = "failed"
    with entry.control() as session:
        session.execute(delete(Clock))
    assert "x.failed" in inside.get("/queues").text and "The clock has never run" in inside.get("/queues").text
    assert "y.failed" in inside.get(f"/tenants/{company.tenant.id}").text
    assert inside.post(f"/queues/control/{ours}/retry").status_code == 303
    assert inside.post(f"/queues/{company.tenant.id}/{theirs}/retry").status_code == 303
    assert inside.post(f"/queues/control/{ours}/retry").status_code == 404
    with entry.control() as session:
        assert session.get_one(ControlOrder, ours).state == "waiting"
    with entry.enter(company.tenant) as session:
        assert session.get_one(Order, theirs).state == "waiting"


def test_a_change_without_the_form_token_is_refused(inside, company):
    kept, inside.csrf = inside.csrf, "forged"
    try:
        assert inside.post(f"/tenants/{company.tenant.id}/suspension", {"reason": "x"}).status_code == 422
    finally:
        inside.csrf = kept
    assert company.fresh().access != "suspended"



def test_the_console_names_the_day_of_a_coming_deletion(app, inside):
    from sqlalchemy import update

    from billing.models import Subscription

    house = House(f"closing-{uuid4().hex[:6]}", {"owner": "admin"})
    with entry.control() as session:
        from billing import plans

        plans.load(session)
        tenant = session.get_one(Tenant, house.tenant.id)
        signup.start_trial(session, tenant, company=tenant.name, mail="owner@acme.example", now=entry.utcnow())
        session.execute(update(Subscription).where(Subscription.tenant_id == tenant.id).values(trial_end=entry.utcnow() - timedelta(days=61)))
    page = f"/tenants/{house.tenant.id}"
    assert "Deletion on" not in inside.get(page).text
    with entry.control() as session:
        subscriptions.review(session, session.get_one(Tenant, house.tenant.id), entry.utcnow())
    text = inside.get(page).text
    assert "Deletion on" in text and "its owner was told" in text
    assert "deletion on" in inside.get(f"/?q={house.tenant.slug}").text
    assert inside.post(f"{page}/suspension", {"reason": "a dispute"}).status_code == 303
    registry.forget()
    assert "Deletion on" not in inside.get(page).text
