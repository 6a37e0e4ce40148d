"""People to write to. Names are made up; every address ends in .example."""

import pytest

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
