"""A person in mails of others: named in Cc he is gone from the bytes too; what a blind copy hides stays hidden from whoever takes his data out."""

import io
import json
import zipfile

from sqlalchemy import event, select, text

from core.mail.models import MailMessage
from core.mail.taking import take
from core.parties import actions as parties
from core.privacy import erasing, requests, taking_out
from core.privacy.finding import known_as
from core.privacy.rows import Person
from infra.incoming import Incoming, Mailed
from infra.storage import storage
from tenants import tombstones
from tests.core.privacy.conftest import ask, decide


def of_someone_else(house, who, **rest):
    given = {"subject": "Lamps", "text": "Hello", "message_id": "m1@else.example", "proven": True, "to": (Mailed("rep@acme.example"),), "cc": (Mailed(who.mail, who.name),)} | rest
    with house.ctx() as ctx:
        parties.create_contact(ctx, name="Some Body", mail="somebody@else.example")
        return take(ctx, Incoming(sender=Mailed("somebody@else.example"), **given), owner_id=house.users["owner"].id, raw=f"To: rep\r\nCc: {who.mail}".encode()).id


def test_the_bytes_of_a_mail_in_which_he_was_copied_go_and_the_mail_stays(house, who):
    key = of_someone_else(house, who)
    with house.ctx() as ctx:
        place = storage().path(ctx.tenant.id, ctx.session.get(MailMessage, key).raw_key)
        assert place.exists()
    request = ask(house, who, "erase", tick=False)
    with house.ctx() as ctx:
        requests.tick(ctx, requests.one(ctx, request), [("contact", str(who.contact))])
    assert decide(house, request) == ["done"]
    with house.ctx() as ctx:
        left = ctx.session.get(MailMessage, key)
        assert left.body == "Hello" and left.raw_key is None and who.mail not in json.dumps(left.cc_list) and not place.exists()


def test_a_mail_that_comes_to_name_him_while_others_are_emptied_keeps_the_key_of_its_bytes(house, who):
    first, late = of_someone_else(house, who), of_someone_else(house, who, cc=(), message_id="m2@else.example")
    seen = []

    def meanwhile(conn, cursor, statement, *rest):
        """Once the originals were read, another transaction writes him into the second mail."""
        if "FROM mail_message" in statement and "FOR UPDATE" in statement and not seen:
            seen.append(statement)
            with house.ctx() as other:
                other.session.execute(text("UPDATE mail_message SET cc_list = CAST(:cc AS jsonb) WHERE id = :id"), {"id": late, "cc": json.dumps([{"mail": who.mail}])})

    with house.ctx() as ctx:
        event.listen(ctx.session.connection(), "after_cursor_execute", meanwhile)
        done = erasing.erase(ctx, tombstones.chain_key(ctx.tenant.id), Person(ids={who.contact}, sure={who.mail}, mark="Person 1"))
    with house.ctx() as ctx:
        emptied, kept = ctx.session.get(MailMessage, first), ctx.session.get(MailMessage, late)
        assert seen and emptied.raw_key is None and len(done.files) >= 1
        assert kept.raw_key is not None and kept.raw_key not in done.files and storage().path(ctx.tenant.id, kept.raw_key).exists()


def test_who_takes_his_data_out_learns_of_no_one_who_was_copied_blindly(house, who):
    key = of_someone_else(house, who, cc=())
    with house.ctx() as ctx:
        row = ctx.session.get(MailMessage, key)
        row.contact_id, row.bcc_list = who.contact, [{"mail": "hidden@third.example", "name": "Third"}, {"mail": who.mail, "name": who.name}]
        ctx.session.flush()
        target = io.BytesIO()
        taking_out.write(ctx, known_as(ctx, Person(ids={who.contact})), target)
        assert ctx.session.execute(select(MailMessage.bcc_list).where(MailMessage.id == key)).scalar_one()[0]["mail"] == "hidden@third.example"
    with zipfile.ZipFile(target) as archive:
        everything = " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    assert "somebody@else.example" in everything and "hidden@third.example" not in everything and who.mail in everything
