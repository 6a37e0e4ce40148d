"""A person who stands in every room, under words that stand nowhere else; and a search for them over a whole tenant."""

from io import BytesIO
from types import SimpleNamespace
from uuid import uuid4

from sqlalchemy import select, text

from core.activities import actions as log
from core.activities import participants as taking_part
from core.activities.models import Guest
from core.base.context import as_actor, system
from core.base.outbox import defer
from core.bulk import previewing, selecting
from core.consent import bases, recording
from core.deals import actions as deals
from core.discussions import actions as talk
from core.files import actions as files
from core.files.models import Attachment
from core.identity.models import IdempotencyKey, SignIn
from core.intake.models import Enquiry, WebForm
from core.leads import actions as leads
from core.leads import judging
from core.mail import composing, preferring, templates
from core.mail.taking import take
from core.mailboxes import actions as mailboxes
from core.mailboxes import arriving
from core.mailings import drafting, running
from core.merging import running as merging
from core.notifications.models import Notification
from core.parties import actions as parties
from core.parties import affiliations, marks, reach
from core.personal import actions as facts
from core.post.models import OutgoingMail
from core.products import actions as goods
from core.products import price_lists
from core.quotes import answering, lining, sending
from core.quotes import drafting as quotes
from core.reports import actions as reports
from core.reports.rules import span_of
from core.terms import actions as terms
from core.transfer.models import ExportRun, ImportRow, ImportRun, PreparedExport
from core.views.models import SavedView
from infra.db import database
from infra.inbox.reading import read
from infra.incoming import Enclosed, Incoming, Mailed
from infra.redis import client
from infra.storage import storage


def plant(house) -> SimpleNamespace:
    """Put the person everywhere; `words` are what must not be found afterwards."""
    tag = uuid4().hex[:8]
    who = SimpleNamespace(
        name=f"Canaria Zwitscher{tag}", former=f"Canaria Ledig{tag}", mail=f"canary.{tag}@birds.example", phone=f"+49 171 {int(tag, 16) % 10_000_000:07d}", secret=f"singt{tag}", network=f"2001:db8::{tag[:4]}:{tag[4:]}", unasked=f"pfeift{tag}",
    )
    who.words = [who.name, who.former, who.mail, who.phone, who.secret, who.network, who.unasked]
    with house.ctx() as ctx:
        account = parties.create_account(ctx, name="Aviary Ltd", notes=f"Ask for {who.name}")
        contact = parties.create_contact(
            ctx, name=who.former, mail=who.mail, phone=who.phone, mobile=who.phone, notes=who.secret, job_title=who.secret, how_to_address=f"Dear {who.name}",
            account_id=account.id, source=who.secret, tags=[who.secret], birthday="1980-01-02", birthday_source=f"{who.name} {who.secret}",
        )
        ctx.session.flush()
        contact.custom = {"Pet": who.secret}
        parties.edit_contact(ctx, contact, name=who.name)
        _beside(ctx, who, contact, account)
        deals.create_deal(ctx, name=f"Cage for {who.name}", contact_id=contact.id, notes=who.secret, source=f"Via {who.mail}", next_step=who.secret, next_step_on="2030-01-01")
        _lead(ctx, who, contact)
        _kept_mail(ctx, who)
        _quoted(ctx, who, contact, account)
        own = log.log_activity(ctx, kind="call", contact=contact, body=f"He {who.secret} all day")
        other = log.log_activity(ctx, kind="note", account=account, body=f"Met {who.name} ({who.mail}) there. The rest stays.")
        met = log.log_activity(ctx, kind="meeting", account=account, body="Two came.")
        ctx.session.flush()
        taking_part.add(ctx, met, contact_id=contact.id)
        ctx.session.add(Guest(activity_id=met.id, contact_id=contact.id, mail=who.mail, state="asked", told="0" * 32, sequence=1, meets_at=ctx.now, answer="accepted", answered_at=ctx.now))
        own.calendar_uid, own.place, other.place = who.secret, who.secret, f"At the house of {who.name}"
        _reported(ctx, who, contact, account)
        talk.add_comment(ctx, contact, who.secret)
        talk.add_comment(ctx, account, f"Has {who.name} called? The rest stays.")
        files.add_file(ctx, contact, source=BytesIO(f"{who.secret} {who.name}".encode()), name=f"{who.name}.txt")
        purpose = recording.add_purpose(ctx, name=f"News {tag}")
        ctx.session.flush()
        recording.record_consent(ctx, contact, purpose.id, given=True, source="form", proof=who.secret, ip="192.0.2.77")
        bases.set_basis(ctx, contact, basis="contract", source="paper", note=who.secret)
        goods.create_product(ctx, code=f"C-{tag}", name=f"Cage as {who.name} wants it", description=f"Made for {who.name}. The rest stays.")
        price_lists.add_list(ctx, name=f"For {who.name}")
        _letters(ctx, who, contact)
        _mailed(ctx, who, contact)
        _technical(ctx, who, contact, house)
        run = selecting.select_records(ctx, "contacts", keys=[contact.id])
        previewing.preview(ctx, run, "change", {"job_title": "Singer"})
        who.contact, who.account, who.own, who.other, who.purpose = contact.id, account.id, own.id, other.id, purpose.id
        who.file = ctx.session.execute(select(Attachment.stored_key).where(Attachment.record_id == contact.id)).scalar_one()
    return who


def _lead(ctx, who, contact) -> None:
    """He came in by a form, and was returned with words."""
    lead = leads.capture(
        ctx, name=who.name, company=f"Of {who.name}", job_title=who.secret, mail=who.mail, phone=who.phone, postcode=who.secret, city=who.secret, interest=who.secret, message=f"I am {who.name}, {who.secret}",
        source=f"Via {who.mail}", campaign=who.secret, notes=who.secret, external_id=who.secret, touch={"referrer": f"https://{who.secret}.example", "utm_term": who.name},
    )
    judging.judge(ctx, lead, "returned", reason="other", note=f"{who.name} {who.secret}")
    judging.judge(ctx, lead, "new")  # what it was is kept for the undo
    form = WebForm(code=uuid4().hex[:12], name="Birds")
    ctx.session.add(form)
    ctx.session.flush()
    ctx.session.add(Enquiry(
        form_id=form.id, lead_id=lead.id, state="taken", said={"name": who.name, "mail": who.mail, "message": who.secret}, mail_norm=who.mail, lang="en", touch={"referrer": f"https://{who.secret}.example"},
        address="192.0.2.77", nonce="x", fingerprint=uuid4().hex, reply=f"Dear {who.name}", replied_at=ctx.now,
    ))


def _kept_mail(ctx, who) -> None:
    """A mail of his that waits in a shared mailbox for somebody to look at it."""
    box, _ = mailboxes.make(ctx, way="webhook", shared=True, name="Leads", purpose="leads")
    key, _ = arriving.store(ctx, box, f"Auto-Submitted: auto-replied\r\nFrom: {who.name} <{who.mail}>\r\nSubject: {who.secret}\r\n\r\n{who.secret}".encode())
    raw, _ = arriving.waiting(ctx, key)
    arriving.settle(ctx, key, arriving.Came(raw, read(raw)))


def _beside(ctx, who, contact, account) -> None:
    """What hangs on the person's record: further ways to reach him, his role elsewhere, what is known of him, a record merged into his."""
    reach.add_point(ctx, contact, "mail", f"second.{who.mail}", label=who.secret)
    reach.add_point(ctx, contact, "messenger", who.secret, service="telegram")
    reach.add_address(ctx, contact, recipient=who.name, street=who.secret, city="Kiel")
    reach.add_address(ctx, account, recipient=f"For {who.name} ({who.mail})", street="Kai 1", city="Kiel")
    marks.mark_invalid(ctx, contact, "mail", f"second.{who.mail}", "left", note=who.secret)
    elsewhere = parties.create_account(ctx, name="Nest Ltd")
    ctx.session.flush()
    affiliations.affiliate(ctx, contact, elsewhere.id, title=who.secret)
    facts.add_fact(ctx, contact, kind="habit", body=who.secret, source="other", source_note=who.name)
    twin = parties.create_contact(ctx, name=who.former, mail=who.mail, notes=who.secret)
    ctx.session.flush()
    merging.merge(ctx, "contact", contact.id, [twin.id])


def _letters(ctx, who, contact) -> None:
    mailing = drafting.draft_mailing(ctx, subject="Birds", body="Hello {{contact.name}}", tags=[who.secret])
    ctx.session.flush()
    running.start_mailing(ctx, mailing.id)
    drafting.draft_mailing(ctx, subject=f"For {who.name}", body=f"As {who.mail} said", tags=["x"])
    ctx.session.add(OutgoingMail(
        template="reminder", to_mail=who.mail, to_name=who.name, lang="en", from_name="Acme", params={"name": who.name}, about_type="contact", about_id=contact.id,
        subject=who.secret, body_text=f"{who.name} {who.secret}", body_html=who.secret, message_id=uuid4().hex,
    ))


def _mailed(ctx, who, contact):
    """A mail of his with a file, one to him that waits, and one to somebody else in which he is named; a template and a signature that name him."""
    job, him = as_actor(ctx, system("mailbox")), Mailed(who.mail, who.name)
    said = {"subject": f"{who.name} {who.secret}", "quoted": who.secret, "message_id": f"{uuid4().hex}@x", "proven": True, "enclosed": (Enclosed(f"{who.name}.txt", "text/plain", f"{who.secret} {who.name}".encode()),)}
    take(job, Incoming(sender=him, to=(Mailed("me@acme.example"),), cc=(him,), text=f"I am {who.name}, {who.secret}", **said), owner_id=ctx.actor.id, raw=f"From: {who.name} <{who.mail}>".encode())
    as_actor(ctx, ctx.actor)
    composing.write(ctx, to=f'"{who.name}" <{who.mail}>', subject=who.secret, body=f"Dear {who.name}", record=contact, files=[composing.Brought(f"{who.name}.txt", f"For {who.secret}".encode())])
    composing.write(ctx, to="else@other.example", cc=who.mail, subject=f"About {who.mail}", body=f"Ask {who.name} ({who.mail}). The rest stays.")
    templates.create_template(ctx, name=f"For {who.name}", language="en", subject=f"As {who.mail} wants", body=f"As {who.name} ({who.mail}) said")
    preferring.change_own(ctx, signature=f"With {who.name} ({who.mail})")


def _technical(ctx, who, contact, house) -> None:
    key = storage().save(ctx.tenant.id, BytesIO(f"name\n{who.name}\n".encode()), limit=1000).key
    run = ImportRun(kind="contacts", state="done", owner_id=ctx.actor.id, file_key=key, file_name=f"{who.name}.csv", file_size=20, encoding="utf-8", delimiter=",", header=["name"])
    ctx.session.add(run)
    ctx.session.flush()
    who.import_file = key
    ctx.session.add_all((
        ImportRow(run_id=run.id, line=2, values={"name": who.name, "mail": who.mail}, key_text=who.name, folds=True, record_id=contact.id, plan="create", outcome="created"),
        ExportRun(kind="contacts", filters={"q": who.name}, rows=1),
        PreparedExport(kind="contacts", state="fetched", owner_id=ctx.actor.id, file_name="contacts.csv", format="csv", wanted={"filters": {"search": who.name}}),
        SavedView(user_id=ctx.actor.id, room="contacts", name=f"Like {who.name}", query={"q": who.name}),
        Notification(user_id=ctx.actor.id, kind="assigned", record_kind="contact", record_id=contact.id, params={"name": who.name}),
        IdempotencyKey(owner_id=ctx.actor.id, key=uuid4().hex, fingerprint=b"x", status=201, body={"name": who.name}),
        SignIn(token_hash=uuid4().bytes, user_id=ctx.actor.id, csrf="x", flashes=[{"text": f"{who.name} added"}], seen_at=ctx.now, expires_at=ctx.now),
    ))
    defer(ctx, "canary.none", note=f"about {who.name}")


def everywhere(house, words) -> list[str]:
    """Where any of these words still stands: "table.column" of the schema, files, Redis."""
    return [*in_schema(house.fresh().schema_name, words), *in_files(house, words), *in_redis(words)]


def in_schema(schema: str, words) -> list[str]:
    """Every column of every table, whatever its type, as text; one statement for a table."""
    found = []
    with database().owner() as connection:
        tables = connection.execute(
            "SELECT c.relname, array_agg(a.attname ORDER BY a.attname) FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped "
            "WHERE c.relnamespace = %s::regnamespace AND c.relkind IN ('r', 'p', 'm') GROUP BY 1 ORDER BY 1", (schema,),
        ).fetchall()
        for table, columns in tables:
            asked = ", ".join(f'bool_or("{column}"::text ILIKE ANY(%(words)s))' for column in columns)
            hits = connection.execute(f'SELECT {asked} FROM {schema}."{table}"', {"words": [f"%{word}%" for word in words]}).fetchone()  # noqa: S608
            found += [f"{table}.{column}" for column, hit in zip(columns, hits, strict=True) if hit]
    return found


def in_files(house, words) -> list[str]:
    folder = storage().folder(house.tenant.id)
    return [f"file {path.name}" for path in folder.glob("*/*") if any(word.encode() in path.read_bytes() for word in words)]


def in_redis(words) -> list[str]:
    found = []
    redis = client()
    for key in redis.scan_iter(count=1000):
        value = redis.dump(key) or b""
        if any(word.encode() in key + value for word in words):
            found.append(f"redis {key!r}")
    return found


def name_of(house, contact_id) -> str:
    with house.ctx() as ctx:
        return ctx.session.execute(text("SELECT name FROM contact WHERE id = :id"), {"id": contact_id}).scalar_one()


def _reported(ctx, who, contact, account) -> None:
    """A report handed in whose author names him, and whose lines tell what was noted of him."""
    log.log_activity(ctx, kind="call", account=account, contact=contact, body=f"{who.name}: {who.secret}", next_contact=ctx.today, next_contact_note=f"Tell {who.name} {who.secret}", next_contact_kind="promise")
    reports.hand_in(ctx, span_of(ctx.today, "day"), words=f"Saw {who.name} ({who.mail})")


def _quoted(ctx, who, contact, account):
    """A quote that names him everywhere, sent and declined: what was sent can't be changed, but for this."""
    quote = quotes.create_quote(ctx, name=f"Cage for {who.name}", contact_id=contact.id, account_id=account.id, notes=who.secret)
    lining.save_lines(ctx, quote, [{"name": f"Cage of {who.name}", "description": f"Ask {who.mail}", "unit_price": "10"}])
    terms.agree(ctx, account, words=f"{who.name} pays first", until_on=ctx.today)
    terms.withdraw(ctx, terms.agree(ctx, account, words="Late", until_on=ctx.today).id, f"{who.name} was late")
    quotes.edit_draft(ctx, quote, intro=f"Dear {who.name}", closing=f"See you, {who.name}", terms=f"{who.name} pays first")
    answering.decline(ctx, sending.send_quote(ctx, quote).token, name=who.name, address=who.network, note=f"{who.name} {who.unasked}")
    _answered(ctx, who, "taken", name=f"C. Z. {who.unasked}", contact_id=contact.id)
    _answered(ctx, who, "company", name=who.name, account_id=account.id)
    _answered(ctx, who, "other", name="Somebody Else", account_id=account.id)


def _answered(ctx, who, called, *, name, **of):
    """A quote that was accepted, in words of his own and from his network."""
    quote = quotes.create_quote(ctx, name=f"Cage, {called}", **of)
    lining.save_lines(ctx, quote, [{"name": "Cage", "unit_price": "10"}])
    mine = called != "other"
    version = answering.accept(ctx, sending.send_quote(ctx, quote).token, name=name, address=who.network if mine else "192.0.2.99", note=f"He {who.unasked}" if mine else "The rest stays.")
    who.answers = getattr(who, "answers", {}) | {called: version.id}
