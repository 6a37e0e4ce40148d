"""The letters of all rooms by name. A room above declares its own in its `letters.py` as LETTERS = {name: Letter(…)}."""

import importlib
import importlib.util
from functools import lru_cache

from core.base import registry
from core.base.words import N_
from core.post.rules import GREETING, Letter

NOT_ME = N_("If it was not you, choose a new password at once and tell an administrator of your workspace.")
FORGOTTEN = N_("Choose a new password")
LETTERS = {
    "invitation": Letter(
        N_("%(inviter)s invites you to %(workspace)s"),
        (
            GREETING, N_("%(inviter)s invites you to work in the workspace %(workspace)s. Follow the link, choose a password, and you are in."),
            N_("The invitation is for you alone and valid until %(until)s. If you don't know what it is about, you need not do anything."),
        ),
        N_("Accept the invitation"), private=True,
    ),
    "password_reset": Letter(
        N_("A new password for %(workspace)s"),
        (
            N_("Hello %(name)s,"), N_("somebody asked for a new password for %(mail)s in the workspace %(workspace)s. Follow the link and choose one."),
            N_("The link is valid for 30 minutes and once. If it was not you, you need not do anything: your password stays as it is."),
        ),
        N_("Choose a new password"), private=True,
    ),
    "password_changed": Letter(
        N_("Your password for %(workspace)s was changed"),
        (N_("Hello %(name)s,"), N_("your password for the workspace %(workspace)s was changed on %(when)s. You are signed out everywhere."), NOT_ME), FORGOTTEN,
    ),
    "mail_confirmation": Letter(
        N_("Confirm your mail address for %(workspace)s"),
        (
            N_("Hello %(name)s,"), N_("confirm that %(mail)s is your address. Invitations to colleagues go out from the workspace %(workspace)s once you have."),
            N_("If you don't know what it is about, you need not do anything."),
        ),
        N_("Confirm the address"), private=True,
    ),
    "mail_change": Letter(
        N_("Your mail address for %(workspace)s"),
        (
            N_("Hello %(name)s,"), N_("you want to sign in to the workspace %(workspace)s with %(mail)s. Follow the link, sign in as before if you are asked to, and confirm it."),
            N_("The link is valid until %(until)s and once. If it was not you, you need not do anything: whoever asked can't use this address."),
        ),
        N_("Confirm the address"), private=True,
    ),
    "mail_change_taken": Letter(
        N_("Your mail address for %(workspace)s"),
        (
            N_("Hello %(name)s,"), N_("somebody in the workspace %(workspace)s wants to sign in with %(mail)s. That is your address there already, so nothing was changed."),
            N_("If it was you, sign in with this address. If not, you need not do anything."),
        ),
        N_("Sign in"),
    ),
    "mail_change_asked": Letter(
        N_("Another mail address for %(workspace)s"),
        (
            N_("Hello %(name)s,"), N_("you asked to sign in to the workspace %(workspace)s with another mail address, %(mail)s. Nothing is changed before the letter sent there is answered."),
            N_("If it was not you, stop it now. Somebody knows your password then: you are signed out everywhere, and get a letter to choose a new one."),
        ),
        N_("It was not me"), private=True,
    ),
    "mail_changed": Letter(
        N_("Your mail address for %(workspace)s was changed"),
        (
            N_("Hello %(name)s,"), N_("from now on you sign in to the workspace %(workspace)s with %(mail)s. You are signed out everywhere."),
            N_("If it was not you, take this address back within three days and choose a new password."),
        ),
        N_("It was not me"), private=True,
    ),
    "second_step_on": Letter(
        N_("The second step for %(workspace)s is on"),
        (N_("Hello %(name)s,"), N_("since %(when)s, signing in to the workspace %(workspace)s asks for a code of your authenticator too."), NOT_ME), FORGOTTEN,
    ),
    "second_step_off": Letter(
        N_("The second step for %(workspace)s is off"),
        (N_("Hello %(name)s,"), N_("since %(when)s, signing in to the workspace %(workspace)s asks for your password alone."), NOT_ME), FORGOTTEN,
    ),
    "second_step_reset": Letter(
        N_("Your second step for %(workspace)s was taken away"),
        (
            N_("Hello %(name)s,"), N_("%(by)s took your second step for the workspace %(workspace)s away on %(when)s. You can sign in with your password and set up a new one."),
            N_("If you did not ask for that, talk to %(by)s."),
        ),
        N_("Sign in"),
    ),
    "passkey_added": Letter(
        N_("A passkey for %(workspace)s was added"),
        (N_("Hello %(name)s,"), N_("since %(when)s the passkey %(key)s signs you in to the workspace %(workspace)s."), NOT_ME), FORGOTTEN,
    ),
    "passkey_removed": Letter(
        N_("A passkey for %(workspace)s was removed"),
        (N_("Hello %(name)s,"), N_("since %(when)s the passkey %(key)s no longer signs you in to the workspace %(workspace)s."), NOT_ME), FORGOTTEN,
    ),
    "passkeys_reset": Letter(
        N_("Your passkeys for %(workspace)s were taken away"),
        (
            N_("Hello %(name)s,"), N_("%(by)s took your passkeys for the workspace %(workspace)s away on %(when)s. You can sign in with your password and make a new one."),
            N_("If you did not ask for that, talk to %(by)s."),
        ),
        N_("Sign in"),
    ),
    "recovery_codes_made": Letter(
        N_("New recovery codes for %(workspace)s"),
        (N_("Hello %(name)s,"), N_("on %(when)s new recovery codes were made for the workspace %(workspace)s. The ones before are worthless."), NOT_ME), FORGOTTEN,
    ),
    "reminder": Letter(
        N_("Reminder: %(what)s"),
        (N_("Hello %(name)s,"), N_("you wanted to be reminded of: %(what)s (%(who)s), due %(due)s.")),
        N_("Open it"), foot=N_("Choose what you get by mail"),
    ),
    "workspaces": Letter(
        N_("Your workspaces"),
        (N_("Hello,"), N_("with the address %(mail)s you sign in here:"), "%(places)s", N_("If you did not ask for this, you need not do anything.")),
        N_("Sign in"), platform=True,
    ),
    "welcome": Letter(
        N_("Welcome to %(product)s"),
        (
            N_("Hello %(name)s,"), N_("your workspace %(company)s is ready. This is its address; keep this mail to find it again."), "%(url)s",
            N_("Confirm that this mail address is yours: invitations to colleagues go out once you have."),
        ),
        N_("Confirm the address"), platform=True, private=True,
    ),
}


def is_waited_for(name: str) -> bool:
    """Is it about somebody's way in, so that he waits for it or must hear of it at once? All of these here but the reminder."""
    return name in LETTERS and name != "reminder"


@lru_cache
def letters() -> dict[str, Letter]:
    """Name -> letter over all rooms of core and billing; a name declared twice is a mistake."""
    found: dict[str, Letter] = {}
    modules = registry.modules("letters")
    # By name only: core does not know billing, it just leaves room for its words.
    if importlib.util.find_spec("billing") and importlib.util.find_spec("billing.letters"):
        modules.append(importlib.import_module("billing.letters"))
    for module in modules:
        for name, letter in module.LETTERS.items():
            if name in found:
                raise RuntimeError(f"letter declared twice: {name}")
            found[name] = letter
    return found
