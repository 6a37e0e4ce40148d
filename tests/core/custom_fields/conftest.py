"""A house with one field of every kind on accounts, and two on contacts."""

from uuid import uuid4

import pytest

from core.custom_fields import actions
from core.custom_fields.models import KINDS
from tests.support.world import House

COLOURS = [{"label": "Red", "colour": "red"}, {"label": "Green"}, {"label": "Blue"}]


@pytest.fixture(scope="module")
def house(app):
    found = House(f"own-{uuid4().hex[:6]}", {"owner": "admin", "rep": "sales", "blind": "service"})
    with found.ctx() as ctx:
        for kind in KINDS:
            options = {"options": COLOURS} if kind in ("choice", "choices") else {}
            actions.create_field(ctx, room="accounts", kind=kind, label=f"My {kind}", key=f"my_{kind}", is_searched=kind == "text", **options)
        actions.create_field(ctx, room="contacts", kind="text", label="Badge", is_unique=True)
        actions.create_field(ctx, room="contacts", kind="date", label="Badge until", is_required=True, shown_when={"field": "custom.badge", "op": "filled"})
    return found


@pytest.fixture
def make(house):
    """A field for one test."""
    def make(**given):
        with house.ctx() as ctx:
            return actions.create_field(ctx, **{"room": "accounts", "kind": "text", "label": f"F {uuid4().hex[:8]}"} | given)
    return make
