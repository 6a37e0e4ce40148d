"""Line breaks that nobody sees, in names of people and companies: no reminder is lost to them."""

from dataclasses import replace

import pytest

from core.activities.actions import log_activity
from core.activities.reminding import remind
from core.base.text import clean
from core.identity.models import User
from core.parties.actions import create_account
from core.post.models import OutgoingMail
from core.transfer.cells import Reading
from core.transfer.fields import FIELDS

BREAKS = ["\u2028", "\u2029", "\x85", "\r\n", "\r", "\n"]


@pytest.mark.parametrize("broken", BREAKS)
def test_a_line_has_no_breaks_and_a_text_has_one_kind(broken):
    assert clean(f"Nord{broken}licht") == "Nord licht"
    assert clean(f"Nord{broken}licht", multiline=True) == "Nord\nlicht"
    assert clean(f"{broken}Nordlicht{broken}") == "Nordlicht"


@pytest.mark.parametrize("broken", BREAKS)
def test_cells_of_a_file_are_cleaned_alike(broken):
    assert FIELDS["contacts"]["name"].read(f"Ana{broken}Kim", Reading()) == "Ana Kim"
    assert FIELDS["accounts"]["name"].read(f"Nord{broken}licht", Reading()) == "Nord licht"


def reminder_to(ctx, account):
    activity = log_activity(ctx, kind="call", account=account, body="x", next_contact=ctx.today)
    activity.next_contact_at = ctx.now
    ctx.session.flush()
    assert remind(ctx, activity.id)
    ctx.session.flush()
    return ctx.session.query(OutgoingMail).filter_by(about_id=activity.id).one()


@pytest.mark.parametrize("broken", BREAKS)
def test_a_reminder_about_an_oddly_named_account_is_written(ctx, broken):
    letter = reminder_to(ctx, create_account(ctx, name=f"Nord{broken}licht"))
    assert "Nord licht" in letter.body_text


@pytest.mark.parametrize("broken", [*BREAKS, "\x0b", "\x1b"])
def test_what_was_stored_before_names_were_cleaned_loses_no_letter(ctx, broken):
    """Names of account, user and workspace as an older version, a restore or another program left them."""
    account = create_account(ctx, name="Nordlicht")
    account.name = f"Nord{broken}licht"
    user = ctx.session.get_one(User, ctx.actor.id)
    user.name = f"Anna{broken}Kim"
    odd = replace(ctx, tenant=replace(ctx.tenant, name=f"Acme{broken}Optik"))
    letter = reminder_to(odd, account)
    assert (letter.to_name, letter.from_name) == ("Anna Kim", "Acme Optik")
    assert not any(sign in letter.subject for sign in ("\n", "\r", "\x85", "\u2028", "\u2029", "\x0b", "\x1b"))
