"""Mail in the browser and for programs: written from a record, stopped, read by whom it is for, and by nobody else."""

import re
from html import unescape
from io import BytesIO

import pytest
from sqlalchemy import select

from core.base.context import as_actor, system
from core.mail.models import MailMessage, MailThread
from core.mail.sending import send_held
from core.mail.taking import take
from infra.incoming import Enclosed, Incoming, Mailed
from tests.web.mailboxes.test_pages import IMAP


@pytest.fixture(scope="module")
def berta(world):
    rep = world.api("rep")
    account = rep.json("POST", "/api/v1/accounts", {"name": "Customer Ltd"}).json["id"]
    return rep.json("POST", "/api/v1/contacts", {"name": "Berta Buyer", "mail": "berta@customer.example", "account_id": account}).json


def came(world, text="Do you have lamps?", **rest):
    """A mail to the rep, by his mailbox."""
    with world.acme.ctx() as ctx:
        said = {"subject": "Lamps", "message_id": f"{text}@x", "proven": True, "to": (Mailed("rep@x.example"),)} | rest
        mail = Incoming(sender=Mailed("berta@customer.example", "Berta Buyer"), cc=(), text=text, **said)
        message = take(as_actor(ctx, system("mailbox")), mail, owner_id=world.acme.users["rep"].id, raw=b"raw")
        return str(message.id), str(message.thread_id)


def body(answer):
    return answer.get_data(as_text=True)


def test_a_mail_is_written_from_the_record_stopped_and_sent_again(world, berta):
    rep = world.browser("rep")
    page = body(rep.get(f"/mail/new?contact={berta['id']}"))
    assert "&#34;Berta Buyer&#34; &lt;berta@customer.example&gt;" in page
    sent = rep.post("/mail/", {"to": "berta@customer.example", "subject": "Lamps for you", "body": "We have lamps.", "kind": "contact", "key": berta["id"], "files": (BytesIO(b"lamps"), "list.txt")})
    assert sent.status_code == 303
    shown = body(rep.get(sent.headers["Location"]))
    assert "We have lamps." in shown and "Stop it" in shown and "list.txt" in shown
    with world.acme.ctx() as ctx:
        message = ctx.session.execute(select(MailMessage).where(MailMessage.subject == "Lamps for you")).scalar_one()
    back = rep.post(f"/mail/messages/{message.id}/stopping")
    assert back.headers["Location"].endswith(f"/mail/new?draft={message.id}") and "We have lamps." in body(rep.get(back.headers["Location"]))
    again = rep.post("/mail/", {"to": "berta@customer.example", "subject": "Lamps for you", "body": "We have many lamps.", "draft": str(message.id)})
    assert again.status_code == 303 and again.headers["Location"].endswith(str(message.thread_id))
    assert "Lamps for you" in body(rep.get("/mail/?segment=waiting"))


def test_what_is_refused_comes_back_with_what_was_typed(world, berta):
    answer = world.browser("rep").post("/mail/", {"to": "nobody", "subject": "s", "body": "Keep this"})
    assert answer.status_code == 422 and "Keep this" in body(answer)


def test_a_private_conversation_is_told_of_and_not_read(world, berta):
    mail, thread = came(world, "Nobody else reads this", subject="Very secret lamps")
    rep, manager = world.browser("rep"), world.browser("manager")
    assert "Nobody else reads this" in body(rep.get(f"/mail/{thread}")) and "Very secret lamps" in body(rep.get(f"/contacts/{berta['id']}"))
    for path in (f"/mail/{thread}", f"/mail/new?answers={mail}", f"/mail/new?draft={mail}"):
        assert manager.get(path).status_code == 404
    assert manager.post(f"/mail/{thread}/privacy", {"privacy": "record", "told": "metadata"}).status_code == 404
    told = body(manager.get(f"/contacts/{berta['id']}"))
    assert "A private conversation" in told and "Very secret" not in told
    for path in ("/mail/", "/mail/?segment=shared", "/mail/?q=secret", "/search?q=secret", "/settings/audit"):
        assert "Very secret" not in body(world.browser("owner").get(path)) and "Nobody else reads" not in body(world.browser("owner").get(path))
    assert "Very secret lamps" in body(rep.get("/search?q=secret"))
    assert rep.post(f"/mail/{thread}/privacy", {"privacy": "private", "told": "subject"}).status_code == 303
    assert "Very secret lamps" in body(manager.get(f"/contacts/{berta['id']}"))
    rep.post(f"/mail/{thread}/privacy", {"privacy": "record", "told": "metadata"})
    assert "Nobody else reads this" in body(manager.get(f"/mail/{thread}"))
    assert manager.post(f"/mail/{thread}/privacy", {"privacy": "private", "told": "metadata"}).status_code == 403


def test_nobody_reads_private_mails_through_anothers_eyes(world, berta):
    _, thread = came(world, "Not through my eyes", subject="Eyes")
    owner = world.browser("owner")
    assert owner.post(f"/settings/members/{world.acme.users['rep'].id}/viewing").status_code in (303, 404)
    assert "Not through my eyes" not in body(owner.get(f"/mail/{thread}"))


def test_a_file_of_a_mail_is_handed_out_to_its_readers_by_the_host_of_files(world, berta):
    _, thread = came(world, "With a file", enclosed=(Enclosed("evil.html", "text/html", b"<script>window.hacked=1</script>"),))
    rep = world.browser("rep")
    link = next(part.split('"')[0] for part in body(rep.get(f"/mail/{thread}")).split('href="') if part.startswith("/mail/files/"))
    assert world.browser("manager").get(link).status_code == 404
    file = rep.file(link)
    assert (file.status_code, file.data) == (200, b"<script>window.hacked=1</script>")
    assert file.headers["Content-Disposition"].startswith("attachment") and "html" not in file.headers["Content-Type"] and "sandbox" in file.headers["Content-Security-Policy"]


def test_hostile_text_stays_text(world, berta):
    _, thread = came(world, "<script>window.hacked=1</script>\njavascript:alert(1)", subject="</title><script>window.hacked=1</script>", proven=False)
    shown = body(world.browser("rep").get(f"/mail/{thread}"))
    assert "<script>window" not in shown and "Unverified" in shown


def test_an_answer_quotes_and_goes_into_the_same_conversation(world, berta):
    mail, thread = came(world, "How much?", subject="Price")
    rep = world.browser("rep")
    page = body(rep.get(f"/mail/new?answers={mail}"))
    assert "Re: Price" in page and "&gt; How much?" in page and "berta@customer.example" in page
    sent = rep.post("/mail/", {"to": "berta@customer.example", "subject": "Re: Price", "body": "Ten.", "answers": mail})
    assert sent.headers["Location"].endswith(thread)


def test_an_answer_is_written_beneath_the_conversation_to_one_or_to_all(world, berta):
    rep, mine = world.browser("rep"), world.acme.users["rep"].mail
    rep.post("/settings/mailboxes/", IMAP | {"name": "Of the rep", "username": "Rep@x.example"})
    mail, thread = came(world, "Who else?", subject="Both", to=(Mailed("rep@x.example"), Mailed(mine), Mailed("carl@customer.example", "Carl")))
    rep.post("/settings/mail/own", {"signature": "Kind regards, Rep"})
    form = body(rep.get(f"/mail/{thread}")).split('id="answer"')[1].split("</form>")[0]
    said = {name: unescape(value) for name, value in re.findall(r'name="(to|subject|answers|language|thread)" value="([^"]*)"', form)}
    assert "Kind regards, Rep" in form and "&gt; Who else?" not in form and (said["subject"], said["answers"], said["thread"]) == ("Re: Both", mail, thread)
    all_of_them = unescape(re.search(r'name="cc" value="([^"]*)"', form)[1])
    assert "carl@customer.example" in all_of_them and "berta" not in all_of_them
    for more, copies in (({}, []), ({"cc": all_of_them}, ["carl@customer.example"])):
        sent = rep.post("/mail/", {**said, "body": f"Only us {len(copies)}", **more})
        assert sent.headers["Location"].endswith(thread)
        with world.acme.ctx("rep") as ctx:
            written = ctx.session.execute(select(MailMessage).where(MailMessage.body == f"Only us {len(copies)}")).scalar_one()
            assert (str(written.thread_id), [one["mail"] for one in written.to], [one["mail"] for one in written.cc]) == (thread, ["berta@customer.example"], copies)
    refused = rep.post("/mail/", {**said, "body": ""})
    assert refused.status_code == 422 and f'data-draft="mail-{thread}"' in body(refused), "what was typed is found again where there is room for more"
    assert 'id="answer"' not in body(world.browser("reader").get(f"/mail/{thread}"))


def test_a_conversation_is_put_to_a_record_and_taken_off(world, berta):
    _, thread = came(world, "To whom", subject="Assign")
    rep = world.browser("rep")
    account = world.api("rep").json("POST", "/api/v1/accounts", {"name": "Further Ltd"}).json["id"]
    assert rep.post(f"/mail/{thread}/records", {"record": f"account:{account}"}).status_code == 303
    assert "Assign" in body(rep.get(f"/accounts/{account}")) and "Further Ltd" in body(rep.get(f"/mail/{thread}"))
    rep.post(f"/mail/{thread}/records/removal", {"kind": "account", "key": account})
    assert "Assign" not in body(rep.get(f"/accounts/{account}"))


def test_a_conversation_is_put_to_a_deal_a_lead_or_a_quote_chosen_from_one_list_or_typed(world, berta):
    _, thread = came(world, "About it", subject="Any record")
    rep, api = world.browser("rep"), world.api("rep")
    deal = api.json("POST", "/api/v1/deals", {"name": "Lamps for the hall", "account_id": berta["account_id"]}).json["id"]
    lead = api.json("POST", "/api/v1/leads", {"name": "Lamps wanted"}).json["id"]
    offered = body(rep.get("/mail/records/options?q=lamps"))
    assert f'data-value="deal:{deal}"' in offered and f'data-value="lead:{lead}"' in offered and "Deal" in offered
    assert "Lamps for the hall" not in body(world.browser("colleague").get("/mail/records/options?q=lamps"))
    assert rep.post(f"/mail/{thread}/records", {"record": f"deal:{deal}"}).status_code == 303
    assert rep.post(f"/mail/{thread}/records", {"record": "", "record_text": "lamps  WANTED"}).status_code == 303
    shown = body(rep.get(f"/mail/{thread}"))
    assert f"/deals/{deal}" in shown and f"/leads/{lead}" in shown
    for wrong in ({"record": "user:1", "record_text": "nobody knows"}, {"record": "", "record_text": ""}):
        refused = rep.post(f"/mail/{thread}/records", wrong)
        assert refused.status_code == 422 and "Choose one record from the list." in body(refused) and wrong["record_text"] in body(refused)


def test_a_mail_is_kept_as_it_came_by_whoever_reads_it(world, berta):
    mail, thread = came(world, "As it came", subject="Raw")
    rep = world.browser("rep")
    assert f"/mail/raw/{mail}" in body(rep.get(f"/mail/{thread}"))
    got = rep.get(f"/mail/raw/{mail}")
    assert (got.status_code, got.data) == (200, b"raw") and got.headers["Content-Disposition"].startswith("attachment")
    assert "html" not in got.headers["Content-Type"] and got.headers["X-Content-Type-Options"] == "nosniff"
    for who in ("manager", "owner"):
        assert world.browser(who).get(f"/mail/raw/{mail}").status_code == 404


def test_who_takes_part_hears_of_a_mail_and_no_more_once_he_read_it(world, berta):
    mail, thread = came(world, "Are you there", subject="Secret subject")
    rep = world.browser("rep")
    page = body(rep.get("/notifications"))
    assert "Berta Buyer</b> wrote a mail" in page and "Secret subject" not in page
    assert "wrote a mail" not in body(world.browser("manager").get("/notifications"))
    rep.post(f"/mail/{thread}/reading")
    assert f"/mail/{thread}#m-{mail}" not in body(rep.get("/notifications"))


def test_settings_templates_and_the_composer_fills_them(world, berta):
    owner, rep = world.browser("owner"), world.browser("rep")
    refused = owner.post("/settings/mail/templates", {"name": "Thanks", "language": "en", "subject": "Hi", "body": "{{ config }}"})
    assert refused.status_code == 422 and "There is no merge field named config" in body(refused)
    assert owner.post("/settings/mail/templates", {"name": "Thanks", "language": "en", "subject": "For {{account.name}}", "body": "Dear {{contact.name}}"}).status_code == 303
    rep.post("/settings/mail/own", {"signature": "Rep of Acme", "privacy": "", "told": ""})
    key = world.api("rep").get("/api/v1/mail/templates").json["data"][0]["id"]
    page = body(rep.get(f"/mail/new?contact={berta['id']}&template={key}"))
    assert "Dear Berta Buyer" in page and "For Customer Ltd" in page and "Rep of Acme" in page
    assert rep.post("/settings/mail/rules", {"privacy": "team"}).status_code == 403
    assert owner.post("/settings/mail/rules", {"privacy": "team", "told": "metadata", "undo_seconds": "5", "reply_address": "", "blocked": "spam.example"}).status_code == 303
    assert "spam.example" in body(owner.get("/settings/mail/"))
    owner.post("/settings/mail/rules", {"privacy": "private", "told": "metadata", "undo_seconds": "10", "reply_address": "", "blocked": ""})


def test_programs_write_stop_and_read_what_their_person_reads(world, berta):
    rep, manager = world.api("rep"), world.api("manager")
    made = rep.json("POST", "/api/v1/mail/messages", {"to": ["berta@customer.example"], "subject": "By program", "body": "Hello", "record_kind": "contact", "record_id": berta["id"]})
    assert made.status_code == 201 and made.json["state"] == "held" and made.json["to"] == [{"mail": "berta@customer.example", "name": ""}]
    assert rep.json("POST", f"/api/v1/mail/messages/{made.json['id']}/stopping").json["state"] == "draft"
    for path in (f"/api/v1/mail/messages/{made.json['id']}", f"/api/v1/mail/threads/{made.json['thread_id']}"):
        assert rep.get(path).status_code == 200 and manager.get(path).status_code == 404
    assert made.json["thread_id"] not in {one["id"] for one in manager.get("/api/v1/mail/threads?limit=100").json["data"]}
    got = rep.get(f"/api/v1/mail/threads/{made.json['thread_id']}")
    opened = rep.json("PATCH", f"/api/v1/mail/threads/{made.json['thread_id']}", {"privacy": "record"}, headers={"If-Match": got.headers["ETag"]})
    assert opened.json["privacy"] == "record" and manager.get(f"/api/v1/mail/threads/{made.json['thread_id']}").status_code == 200
    assert manager.get(f"/api/v1/mail/messages/{made.json['id']}").status_code == 404  # a draft is its writer's alone


def test_the_sent_mail_is_on_the_timeline_of_the_account(world, berta):
    rep = world.browser("rep")
    rep.post("/mail/", {"to": "berta@customer.example", "subject": "Timeline", "body": "x", "kind": "contact", "key": berta["id"]})
    with world.acme.ctx() as ctx:
        message = ctx.session.execute(select(MailMessage).where(MailMessage.subject == "Timeline")).scalar_one()
        message.due_at = ctx.now
        ctx.session.flush()
        assert send_held(as_actor(ctx, system("mail.send")), message.id)
        assert ctx.session.get(MailThread, message.thread_id).last_at == ctx.now
    (entry,) = [one for one in world.api("manager").get(f"/api/v1/activities?filter[account_id][eq]={berta['account_id']}").json["data"] if one["direction"] == "out"]
    assert (entry["kind"], entry["body"], entry["contact_id"]) == ("mail", "", berta["id"])
