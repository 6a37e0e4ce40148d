"""Files on records: kept under random keys, seen by whoever sees the record, gone when they should be."""

import re
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
from sqlalchemy import select

from core.base.entitlements import Entitlements
from core.base.errors import Conflict, Forbidden, NotFound, Refused
from core.base.facts import Fact
from core.base.outbox import Order
from core.files import actions, queries
from core.files.models import Attachment
from core.files.rules import shown_name
from core.parties import actions as parties
from core.parties.models import Account
from infra.storage import KEY, storage
from tests.support.pictures import picture, png_head
from workers.jobs import files as jobs


@pytest.fixture
def account(world):
    with world.acme.ctx("rep") as ctx:
        account = parties.create_account(ctx, name="Nordlicht")
        ctx.session.flush()
        ctx.session.expunge(account)
    return account


def put(house, who, account, data=b"hello", name="hello.txt", **rest):
    with house.ctx(who, **rest) as ctx:
        return actions.add_file(ctx, ctx.session.get_one(Account, account.id), source=BytesIO(data), name=name).id


def kept(house):
    """Keys of all that lies in the tenant's store."""
    return set(storage().keys(house.tenant.id))


NAMES = [
    ("../../etc/passwd", "passwd"), ("..\\..\\boot.ini", "boot.ini"), ("/etc/shadow", "shadow"), ("a\x00b.txt", "ab.txt"), ("\u2215etc\u2215x", "x"), ("a\uff0fb", "b"), ("..", "file"), ("", "file"),
    (None, "file"), (" . ", "file"), ("invoice\u202efdp.exe", "invoicefdp.exe"), ("  two   words .pdf ", "two words .pdf"), ("\u5408\u540c.pdf", "\u5408\u540c.pdf"), ("line\r\nX-Evil: 1.txt", "line X-Evil: 1.txt"),
    ("e\u0301.txt", "\u00e9.txt"), ("x" * 300 + ".pdf", "x" * 251 + ".pdf"), ("y" * 300, "y" * 255), ("CON", "CON"), ("\ud800.txt", "?.txt"), ("<b>.txt", "<b>.txt"),
]


@pytest.mark.parametrize(("given", "shown"), NAMES)
def test_a_name_is_only_shown_and_never_a_place(world, account, given, shown):
    """X24: whatever it is called, it lies under a random key."""
    assert shown_name(given) == shown
    before = kept(world.acme)
    key = put(world.acme, "rep", account, name=given)
    with world.acme.ctx("rep") as ctx:
        attachment = queries.one_file(ctx, key)
        assert (attachment.name, kept(world.acme) - before) == (shown, {attachment.stored_key})
        assert KEY.fullmatch(attachment.stored_key) and queries.bytes_of(ctx, attachment.stored_key).read_bytes() == b"hello"


def test_what_is_known_of_a_file_is_told_from_its_content(world, account):
    data = picture()
    key = put(world.acme, "rep", account, data, "invoice.pdf")
    with world.acme.ctx("rep") as ctx:
        row = queries.files_of(ctx, account)[0]
        assert (row.Attachment.id, row.Attachment.mimetype, row.Attachment.size, row.by) == (key, "image/png", len(data), "Rep")
        assert ctx.session.execute(select(Order.args).where(Order.name == "files.draw", Order.dedupe_key == str(key))).scalar_one() == {"file_id": str(key)}
        assert ctx.session.execute(select(Fact.params).where(Fact.kind == "file.added", Fact.subject_id == key)).scalar_one() == {"name": "invoice.pdf"}


@pytest.mark.parametrize(("data", "code"), [(b"", "upload_empty"), (b"x" * 1_000_001, "upload_too_large"), (png_head(65_500, 65_500), "picture_too_large")])
def test_what_is_refused_leaves_nothing(world, account, monkeypatch, data, code):
    monkeypatch.setattr(actions, "settings", lambda: type("S", (), {"upload_mb": 1}))
    before = kept(world.acme)
    with pytest.raises(Refused) as refused:
        put(world.acme, "rep", account, data)
    assert (refused.value.code, refused.value.field, kept(world.acme)) == (code, "files", before)
    assert not list(storage().folder(world.acme.tenant.id).glob("**/*.part"))


class Broken(BytesIO):
    """A sender that breaks off in the middle."""

    def read(self, size=-1):
        if self.tell():
            raise ConnectionResetError
        return super().read(10)


def test_an_upload_that_breaks_off_leaves_nothing(world, account):
    before = kept(world.acme)
    with pytest.raises(ConnectionResetError), world.acme.ctx("rep") as ctx:
        actions.add_file(ctx, ctx.session.get_one(Account, account.id), source=Broken(b"x" * 100), name="x")
    assert kept(world.acme) == before and not list(storage().folder(world.acme.tenant.id).glob("**/*.part"))


def test_a_transaction_that_fails_takes_its_files_along(world, account):
    before = kept(world.acme)
    with pytest.raises(RuntimeError), world.acme.ctx("rep") as ctx:
        actions.add_file(ctx, ctx.session.get_one(Account, account.id), source=BytesIO(b"x"), name="x")
        assert len(kept(world.acme)) == len(before) + 1
        raise RuntimeError
    assert kept(world.acme) == before


def test_without_the_way_back_the_bytes_would_stay(world, account, monkeypatch):
    """Negative control."""
    monkeypatch.setattr(actions, "if_undone", lambda *_: None)
    before = kept(world.acme)
    with pytest.raises(RuntimeError), world.acme.ctx("rep") as ctx:
        actions.add_file(ctx, ctx.session.get_one(Account, account.id), source=BytesIO(b"x"), name="x")
        raise RuntimeError
    (left,) = kept(world.acme) - before
    storage().remove(world.acme.tenant.id, left)


def test_a_record_has_so_many_files_at_most(world, account, monkeypatch):
    monkeypatch.setattr(actions, "MOST_FILES", 2)
    put(world.acme, "rep", account)
    last = put(world.acme, "rep", account)
    with pytest.raises(Refused, match="too_many_files"):
        put(world.acme, "rep", account)
    with world.acme.ctx("rep") as ctx:
        actions.delete_file(ctx, queries.one_file(ctx, last))
    put(world.acme, "rep", account)


def test_the_plans_storage_is_kept(world, account):
    with world.acme.ctx("owner") as ctx:
        used = sum(ctx.session.execute(select(Attachment.size)).scalars())
    room = Entitlements(access="active", limits={"storage_mb": used // 1_000_000 + 1})
    put(world.acme, "rep", account, b"x" * 10, entitlements=room)
    before = kept(world.acme)
    with pytest.raises(Refused, match="storage_full"):
        put(world.acme, "rep", account, b"x" * 1_000_000, entitlements=replace(room))
    assert kept(world.acme) == before


def test_only_who_sees_the_record_sees_its_files(world, account):
    key = put(world.acme, "rep", account)
    with world.acme.ctx("manager") as ctx:
        assert queries.one_file(ctx, key).name == "hello.txt"
    for who in ("colleague",):
        with world.acme.ctx(who) as ctx:
            with pytest.raises(NotFound):
                queries.one_file(ctx, key)
            assert key not in {row[0].id for row in ctx.session.execute(queries.files(ctx))}
            with pytest.raises(NotFound):
                actions.add_file(ctx, account, source=BytesIO(b"x"), name="x")


def test_without_the_reach_in_the_query_a_colleague_would_see_it(world, account, monkeypatch):
    """Negative control."""
    from core.base import records

    key = put(world.acme, "rep", account)
    monkeypatch.setattr(records, "sees", lambda ctx, model: records.literal(True))
    with world.acme.ctx("colleague") as ctx:
        assert queries.one_file(ctx, key).name == "hello.txt"


def test_a_key_of_another_tenant_opens_nothing(world, account):
    key = put(world.acme, "rep", account)
    with world.acme.ctx("rep") as ctx:
        stored = queries.one_file(ctx, key).stored_key
    with world.globex.ctx("owner") as ctx:
        for wrong in (stored, stored.replace(str(world.acme.tenant.id), str(world.globex.tenant.id)), f"{world.globex.tenant.id}/../{stored}", "", None, "../../secret"):
            with pytest.raises(NotFound):
                queries.bytes_of(ctx, wrong)


def test_who_may_not_write_puts_nothing_there_and_changes_nothing(world, account):
    key = put(world.acme, "rep", account)
    with world.acme.ctx("reader") as ctx:
        record, attachment = ctx.session.get_one(Account, account.id), queries.one_file(ctx, key)
        for act in (lambda: actions.add_file(ctx, record, source=BytesIO(b"x"), name="x"), lambda: actions.delete_file(ctx, attachment), lambda: actions.rename_file(ctx, attachment, "y")):
            with pytest.raises(Forbidden):
                act()


def test_a_file_is_changed_by_who_put_it_there_or_may_change_the_record(world):
    with world.acme.ctx("rep") as ctx:
        shared = parties.create_account(ctx, name="Everyone's", owner_id=None)
        ctx.session.flush()
        ctx.session.expunge(shared)
    key = put(world.acme, "rep", shared)
    for who, allowed in (("colleague", True), ("manager", True), ("rep", True)):
        with world.acme.ctx(who) as ctx:
            assert actions.may_change(ctx, queries.one_file(ctx, key), ctx.session.get_one(Account, shared.id)) is allowed


def test_who_only_looks_at_the_record_takes_nobodys_file_away(world, account):
    """He sees all and changes his own alone."""
    key = put(world.acme, "rep", account)
    with world.acme.ctx("manager") as ctx:
        looks = replace(ctx, actor=replace(ctx.actor, changing="own"))
        with pytest.raises(Forbidden, match="file_not_yours"):
            actions.delete_file(looks, queries.one_file(looks, key))
        mine = actions.add_file(looks, ctx.session.get_one(Account, account.id), source=BytesIO(b"x"), name="mine")
        actions.delete_file(looks, mine)


def test_a_file_is_renamed_once_for_each_version(world, account):
    key = put(world.acme, "rep", account)
    with world.acme.ctx("rep") as ctx:
        assert actions.rename_file(ctx, queries.one_file(ctx, key), "../other.txt", version=1).name == "other.txt"
    with world.acme.ctx("rep") as ctx, pytest.raises(Conflict):
        actions.rename_file(ctx, queries.one_file(ctx, key), "third.txt", version=1)
    with world.acme.ctx("rep") as ctx, pytest.raises(Refused, match="required"):
        actions.rename_file(ctx, queries.one_file(ctx, key), "  ")


def test_a_deleted_file_comes_back_for_ninety_days_and_then_its_bytes_are_gone(world, account):
    key = put(world.acme, "rep", account, picture())
    jobs.draw(lambda: world.acme.ctx("rep"), file_id=str(key))
    with world.acme.ctx("rep") as ctx:
        attachment = queries.one_file(ctx, key)
        keys = {attachment.stored_key, attachment.thumb_key}
        actions.delete_file(ctx, attachment)
        with pytest.raises(NotFound):
            queries.one_file(ctx, key)
        actions.restore_file(ctx, queries.one_file(ctx, key, deleted=True))
        actions.delete_file(ctx, queries.one_file(ctx, key))
        deleted = ctx.now
    assert len(keys) == 2 and keys <= kept(world.acme)
    with world.acme.ctx("owner", now=deleted + timedelta(days=89)) as ctx:
        assert actions.tidy(ctx) == {"files": 0} and keys <= kept(world.acme)
    with world.acme.ctx("owner", now=deleted + timedelta(days=91)) as ctx:
        assert actions.tidy(ctx)["files"] >= 1
    with world.acme.ctx("owner") as ctx:
        assert not keys & kept(world.acme) and ctx.session.get(Attachment, key) is None


def test_a_small_picture_is_drawn_once_and_of_pictures_alone(world, account):
    key, text = put(world.acme, "rep", account, picture("JPEG", (900, 900))), put(world.acme, "rep", account)
    before = kept(world.acme)
    door = lambda: world.acme.ctx("rep")  # noqa: E731
    assert [jobs.draw(door, file_id=str(key)), jobs.draw(door, file_id=str(key)), jobs.draw(door, file_id=str(text))] == [{"drawn": True}, {"drawn": False}, {"drawn": False}]
    with world.acme.ctx("rep") as ctx:
        attachment = queries.one_file(ctx, key)
        assert kept(world.acme) - before == {attachment.thumb_key} and attachment.version == 1
        assert queries.bytes_of(ctx, attachment.thumb_key).read_bytes()[8:12] == b"WEBP"


def test_the_key_of_a_file_says_nothing_of_it(world, account):
    keys = [put(world.acme, "rep", account, name="salaries.xlsx") for _ in range(2)]
    with world.acme.ctx("rep") as ctx:
        stored = [queries.one_file(ctx, key).stored_key for key in keys]
    assert stored[0] != stored[1] and all(re.search("[0-9a-f]{40}$", one) and "salaries" not in one for one in stored)
