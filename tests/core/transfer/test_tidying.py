"""What an import leaves behind goes after ninety days."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.base.errors import Refused
from core.transfer import queries, tidying, undoing, uploading
from core.transfer.models import ImportRow
from tenants.entry import utcnow


def rows(ctx, key):
    return ctx.session.execute(select(func.count()).select_from(ImportRow).where(ImportRow.run_id == key)).scalar_one()


def test_file_and_rows_go_after_ninety_days_and_the_counts_stay(bring, house, monkeypatch):
    monkeypatch.setattr(tidying, "storage", lambda: uploading.storage())
    one = bring().upload("name\nTidy A\nTidy B\n").choose(key_field="").check().run()
    key = one.row.file_key
    with house.ctx(now=utcnow() + timedelta(days=89)) as ctx:
        assert tidying.tidy(ctx) == {"tidied": 0}
    with house.ctx(now=utcnow() + timedelta(days=91)) as ctx:
        assert tidying.has_files(ctx.session)
        assert tidying.tidy(ctx)["tidied"] >= 1
    with house.ctx() as ctx:
        run = queries.one(ctx, one.id)
        assert run.is_tidied and run.counts["created"] == 2 and rows(ctx, one.id) == 0
        assert key not in set(uploading.storage().keys(ctx.tenant.id))
        with pytest.raises(Refused, match="import_not_now"):
            undoing.start_undo(ctx, run)


def test_an_import_at_work_is_left_alone(bring, house, monkeypatch):
    monkeypatch.setattr(tidying, "storage", lambda: uploading.storage())
    one = bring().upload("name\nTidy C\n").choose(key_field="").check().start()
    with house.ctx(now=utcnow() + timedelta(days=91)) as ctx:
        tidying.tidy(ctx)
        assert rows(ctx, one.id) == 1
