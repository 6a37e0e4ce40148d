"""What follows from how a transaction ends, with savepoints inside savepoints."""

import pytest
from sqlalchemy import text

from core.base.outcome import if_undone, once_kept
from tests.support.world import House


class Broken(Exception):
    pass


@pytest.fixture(scope="module")
def house(app):
    return House("outcome")


def savepoint(ctx, *, breaks=False, inside=lambda: None):
    try:
        with ctx.session.begin_nested():
            ctx.session.execute(text("SELECT 1"))
            inside()
            if breaks:
                raise Broken
    except Broken:
        pass


def test_what_is_kept_is_certain_with_the_last_commit_alone(house):
    done = []
    with house.ctx() as ctx:
        savepoint(ctx, inside=lambda: (once_kept(ctx.session, lambda: done.append("kept")), if_undone(ctx.session, lambda: done.append("undone"))))
        savepoint(ctx)
        assert done == []
    assert done == ["kept"]


def test_what_was_made_in_a_savepoint_is_undone_with_it_alone(house):
    """Negative: the failure of a later savepoint took the bytes of an earlier one, whose row stayed."""
    done = []
    with house.ctx() as ctx:
        savepoint(ctx, inside=lambda: if_undone(ctx.session, lambda: done.append("first")))
        savepoint(ctx, breaks=True, inside=lambda: (if_undone(ctx.session, lambda: done.append("second")), once_kept(ctx.session, lambda: done.append("never"))))
        assert done == ["second"]
    assert done == ["second"]


def test_what_is_around_undoes_what_was_released_inside(house):
    done = []
    with pytest.raises(Broken), house.ctx() as ctx:
        savepoint(ctx, inside=lambda: savepoint(ctx, inside=lambda: if_undone(ctx.session, lambda: done.append("inner"))))
        once_kept(ctx.session, lambda: done.append("never"))
        raise Broken
    assert done == ["inner"]


def test_a_savepoint_around_undoes_one_that_was_released(house):
    done = []
    with house.ctx() as ctx:
        savepoint(ctx, breaks=True, inside=lambda: savepoint(ctx, inside=lambda: if_undone(ctx.session, lambda: done.append("inner"))))
        assert done == ["inner"]
