"""A house for tests of fields that a role may read and not write: two people who both may everything, one of whom may not write the fields."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from core.base.policy import permissions
from core.custom_fields import actions as defining
from core.identity import queries as people
from core.identity import roles
from tests.support.world import House
from web.api import shell


@contextmanager
def reading_and_writing(slug: str, rooms: Iterable[str], protected: Iterable[str]) -> Iterator[House]:
    """"reading" may not write the protected fields, "writing" may; each of the rooms has an own field "size"; programs are not slowed."""
    found = House(f"{slug}-{uuid4().hex[:6]}", {"owner": "admin", "reading": "sales", "writing": "manager"})
    with found.ctx() as ctx:
        for room in rooms:
            defining.create_field(ctx, room=room, kind="text", key="size", label="Size")
        for code, away in (("sales", list(protected)), ("manager", [])):
            roles.edit_role(ctx, roles.one_role(ctx, code), permissions=list(permissions()), visibility="all", changing="all", hidden=[], protected=away)
    with found.ctx() as ctx:
        codes = {"sales": "reading", "manager": "writing"}
        found.users |= {codes[user.role.code]: user for user in people.users(ctx) if user.role.code in codes}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shell, "BURST", 1_000_000)
        yield found
