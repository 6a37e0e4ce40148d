"""What hangs on a product: comments with mentions of whoever reads products; it is shared with nobody, since it belongs to nobody."""

import pytest

from core.base.errors import Refused
from core.identity.seeing import who_sees
from core.products import actions
from core.sharing.actions import share


@pytest.fixture(scope="module")
def lamp(world):
    with world.acme.ctx() as ctx:
        made = actions.create_product(ctx, code="LAMP", name="Lamp")
        ctx.session.flush()
        return made.id


def test_whoever_reads_products_can_be_mentioned(world, lamp):
    page = world.browser("rep").get(f"/products/{lamp}/colleagues?q=man")
    assert page.status_code == 200 and "Manager" in page.text
    with world.acme.ctx() as ctx:
        from core.products import queries

        seen = {one.name for one in who_sees(ctx, queries.one_product(ctx, lamp))}
    assert {"Owner", "Manager", "Rep", "Colleague", "Reader"} <= seen


def test_it_is_discussed(world, lamp):
    assert world.browser("rep").post(f"/products/{lamp}/comments", {"body": "Is it dimmable?"}).status_code == 303
    assert "Is it dimmable?" in world.browser("manager").get(f"/products/{lamp}").text


def test_it_is_shared_with_nobody(world, lamp):
    with world.acme.ctx() as ctx:
        from core.products import queries

        with pytest.raises(Refused):
            share(ctx, queries.one_product(ctx, lamp), user_id=world.acme.users["rep"].id)
    answer = world.api("owner").json("POST", "/api/v1/shares", {"record_kind": "product", "record_id": str(lamp), "user_id": str(world.acme.users["rep"].id)})
    assert answer.status_code == 422
