"""What is dangerous asks once more who sits there (RELIABILITY V6): which routes, and that nothing is among them by accident."""

import re

import pytest

SAFE = {"GET", "HEAD", "OPTIONS"}
# Every route that asks, in groups of the standard's words. A route that belongs here and is not declared fails below.
FRESH = {
    "exports": {"transfer.export_deals", "transfer.export_leads", "transfer.export_quotes", "transfer.export_accounts", "transfer.export_contacts", "transfer.export_contact", "transfer.export_products", "transfer.export_results", "lawful_bases.export", "exports.create", "exports.create_price_lines", "exports.create_recipients", "exports.create_download", "audit.create_export", "takeout.create", "takeout.create_download", "bulk.export_accounts", "bulk.export_contacts", "bulk.export_deals", "bulk.export_leads", "bulk.export_products", "performance.export", "counted.export", "performance.export_log", "performance.export_quotes"},
    "billing": {"subscription.create", "subscription.cancel"},
    "people": {
        "settings.create_member", "settings.update_role", "settings.disable_member", "people.update_roles", "people.begin_viewing", "people.send_reset",
        "people.reset_second_step", "people.reset_passkeys", "invitations.create", "invitations.resend",
    },
    "roles": {"roles.create", "roles.update", "roles.reset", "roles.delete", "approval_settings.update", "starters.create", "starters.undo"},
    "keys": {"mailboxes.create", "mailboxes.create_door", "mailboxes.update", "tokens.create", "programs.create", "calendar.create_feed"},
    "persons": {"privacy.decide", "privacy.fetch", "bin.delete_for_good"},
    "erasing": {"fields.erase"},
    "signing in": {"second_step.create", "second_step.create_codes", "second_step.destroy", "sign_in.update", "provider.update", "provider.destroy", "passkeys.new", "passkeys.remove", "mail_address.create"},
}
# By name they would belong there. Stopping something must never be slow, a new password asks for the old one anyhow, and what
# ends a step begun by a route that asks is bound to it; a name is only a name.
NOT_FRESH = {"takeout.create_cancellation", "bulk.create_cancellation", "handover.create_cancellation", "exports.create_cancellation", "merges.cancel_scan", "lead_model.cancel", "tokens.create_revocation", "invitations.revoke", "settings.update_password", "second_step.confirm", "passkeys.create", "passkeys.rename", "mail_address.stop", "mail_address.confirm"}
DANGEROUS = re.compile(r"export|takeout|/settings/data|/settings/members|/roles|/tokens|/invitations|/orders|/cancellation|second-step|/settings/signing-in|password|passkey|single-sign-on|mail-address")
ELSEWHERE = re.compile(r"^/(imports|mailings|absences)|/absence|^/settings/absences|^/settings/members/<uuid:id>/skills$")


@pytest.fixture(scope="module")
def guarded(app):
    return {rule.endpoint: (rule, app.view_functions[rule.endpoint].guard) for rule in app.url_map.iter_rules() if hasattr(app.view_functions[rule.endpoint], "guard")}


def test_the_routes_that_ask_are_these(guarded):
    assert {endpoint for endpoint, (_, guard) in guarded.items() if guard.fresh} == set().union(*FRESH.values())


def test_only_what_changes_something_asks(guarded):
    """What was typed is carried through the page that asks; an address to read would lose its place."""
    assert [endpoint for endpoint, (rule, guard) in guarded.items() if guard.fresh and rule.methods & SAFE - {"OPTIONS"}] == []


def missing(guarded):
    return {
        endpoint for endpoint, (rule, guard) in guarded.items()
        if guard.kind == "needs" and not guard.fresh and rule.methods - SAFE and DANGEROUS.search(rule.rule) and not ELSEWHERE.search(rule.rule)
    } - NOT_FRESH


def test_nothing_dangerous_was_forgotten(guarded):
    assert missing(guarded) == set()


def test_a_forgotten_one_is_found(guarded):
    """Negative control."""
    from dataclasses import replace

    rule, guard = guarded["tokens.create"]
    assert missing({**guarded, "tokens.create": (rule, replace(guard, fresh=False))}) == {"tokens.create"}


def test_a_download_that_asks_is_declared_as_one(guarded):
    """Its answer leaves the page as it is: undeclared, the form with the password would stay."""
    files = FRESH["exports"] - {"takeout.create"} | {"privacy.fetch"}
    assert {endpoint for endpoint, (_, guard) in guarded.items() if guard.file} == files
