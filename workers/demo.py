"""The demo tenant of a local stack: a small company with four people who can sign in, and an operator."""

from dataclasses import replace

from sqlalchemy import select

from billing import signup
from core.base.entitlements import UNLIMITED
from core.identity import actions, queries
from infra.config import settings
from infra.local import places
from tenants import entry, operations, registry
from tenants.models import Operator
from workers import cli_people

SLUG, COMPANY, PASSWORD = "demo", "Demo Trading", "demo demo tendero"
PEOPLE = (("owner", "Olivia Owner", None), ("manager", "Mara Manager", "manager"), ("salesperson", "Sam Seller", "sales"), ("reader", "Rita Reader", "reader"))


def make() -> dict:
    """Sign the company up where it is missing, with its people and sample data; returns address and sign-ins."""
    with entry.control() as session:
        known = registry.by_slug(session, SLUG)
    if known is None:
        signup.sign_up(
            company=COMPANY, slug=SLUG, mail=_mail("owner"), password=PASSWORD, name=PEOPLE[0][1], sample_data=True, now=entry.utcnow(),
        )
    _add_people()
    url = settings().tenant_url(SLUG)
    sign_ins = [{"who": who, "url": f"{url}/sign-in", "mail": _mail(who), "password": PASSWORD} for who, _, _ in PEOPLE]
    return {"tenant_url": url, "sign_ins": [*sign_ins, *_operator()]}


def _operator() -> list[dict]:
    """The operator, with the address for an authenticator: it is shown once, so the home of the stack keeps it."""
    kept = settings().home / "operator-totp"
    with entry.control() as session:
        known = session.execute(select(Operator.id).where(Operator.mail_norm == _mail("operator"))).first()
        if known is None:
            made = operations.create_operator(session, mail=_mail("operator"), name="Oscar Operator", password=PASSWORD, now=entry.utcnow())
            places.write_private(kept, made.uri)
    if not kept.exists():
        return []
    url = f"{settings().operator_url}/sign-in"
    return [{"who": "operator", "url": url, "mail": _mail("operator"), "password": PASSWORD, "totp": kept.read_text()}]


def _add_people() -> None:
    """The trial has one seat: the demo's landlord gives it more."""
    with cli_people.at_work(SLUG) as ctx:
        known = {one.mail for one in queries.users(ctx)}
        if all(_mail(who) in known for who, _, _ in PEOPLE):
            return
    with cli_people.at_work(SLUG) as ctx:
        wide = replace(ctx, entitlements=UNLIMITED)
        for who, name, role in PEOPLE:
            if _mail(who) not in known:
                actions.add_user(wide, mail=_mail(who), name=name, password=PASSWORD, role=role)


def _mail(who: str) -> str:
    return f"{who}@demo.example"
