"""A draft: what it takes, and what is refused with its field named."""

import pytest

from core.base.errors import Forbidden, Refused
from core.mailings import audience, drafting
from core.mailings.models import Mailing
from core.parties import actions as parties

TEXT = {"subject": "News for {{ contact.name }}", "body": "Hello", "from_name": "Acme", "reply_to": "info@acme.example", "tags": ["news"]}


def test_a_draft_takes_its_name_from_the_subject_and_its_sender_from_the_company(ctx):
    mailing = drafting.draft_mailing(ctx, subject="News", body="Hello")
    assert (mailing.name, mailing.from_name, mailing.state, mailing.audience, mailing.tags) == ("News", "Shared", "draft", "any", [])


@pytest.mark.parametrize("field", ["subject", "from_name", "reply_to"])
@pytest.mark.parametrize("broken", ["x\r\nBcc: all@evil.example", "x\nBcc: a@b.example", "x\rBcc: a@b.example", "x\x00y", "x\u2028Bcc: y", "x\x85y", "x\x0bBcc: y"])
def test_nothing_that_becomes_a_header_may_hold_a_line_break(ctx, field, broken):
    with pytest.raises(Refused) as refusal:
        drafting.draft_mailing(ctx, **{**TEXT, field: broken})
    assert (refusal.value.code, refusal.value.field) == ("header_injection", field)


@pytest.mark.parametrize("field,value,code", [
    ("subject", "", "required"), ("body", "  ", "required"), ("subject", "x" * 201, "too_long"), ("body", "x" * 50_001, "too_long"),
    ("reply_to", "no address", "not_a_mail"), ("audience", "everybody", "unknown_value"), ("tags", ["t"] * 51, "too_large"),
    ("subject", "Hi {{ contact.password }}", "merge_field_unknown"), ("body", "{{ 7*7 }}", "merge_field_unknown"), ("body", "x\x00", "control_character"),
])
def test_a_wrong_value_is_named(ctx, field, value, code):
    with pytest.raises(Refused) as refusal:
        drafting.draft_mailing(ctx, **{**TEXT, field: value})
    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_tags_are_spelled_as_the_workspace_spells_them(ctx):
    """Or a program's mailing to "vip" would reach nobody of those who are VIP."""
    parties.create_contact(ctx, name="Vera", mail="vera@vip.example", tags=["Very Important"])
    mailing = drafting.draft_mailing(ctx, **{**TEXT, "tags": ["VERY IMPORTANT", "new here", "very important"]})
    assert mailing.tags == ["Very Important", "new here"] and audience.count(ctx, "any", mailing.tags) == 1


def test_only_a_draft_can_be_changed_or_deleted(ctx):
    mailing = drafting.draft_mailing(ctx, **TEXT)
    drafting.change_mailing(ctx, mailing, subject="Other")
    mailing.state = "done"
    for act in (lambda: drafting.change_mailing(ctx, mailing, subject="Third"), lambda: drafting.delete_mailing(ctx, mailing)):
        with pytest.raises(Refused, match="mailing_not_draft"):
            act()
    copy = drafting.copy_mailing(ctx, mailing, "Copy")
    assert (copy.subject, copy.state, copy.tags, copy.name) == ("Other", "draft", ["news"], "Copy")


def test_sales_and_reader_write_no_mailings(as_):
    for who in ("rep", "reader"):
        ctx = as_(who)
        with pytest.raises(Forbidden):
            drafting.draft_mailing(ctx, **TEXT)
        assert ctx.session.query(Mailing).count() == 0
