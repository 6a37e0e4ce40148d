"""The letters of all rooms by name. A room above declares its own in its `letters.py` as LETTERS = {name: Letter(…)}."""

import importlib
import importlib.util
from functools import lru_cache

from core.base import registry
from core.base.words import N_
from core.post.rules import Letter

LETTERS = {
    "invitation": Letter(
        N_("%(inviter)s invites you to %(workspace)s"),
        (
            N_("Hello,"), N_("%(inviter)s invites you to work in the workspace %(workspace)s. Follow the link, choose a password, and you are in."),
            N_("The invitation is for you alone and valid until %(until)s. If you don't know what it is about, you need not do anything."),
        ),
        N_("Accept the invitation"), private=True,
    ),
    "reminder": Letter(
        N_("Reminder: %(what)s"),
        (N_("Hello %(name)s,"), N_("you wanted to be reminded of: %(what)s (%(who)s), due %(due)s.")),
        N_("Open it"), foot=N_("Choose what you get by mail"),
    ),
    "welcome": Letter(
        N_("Welcome to %(product)s"),
        (N_("Hello %(name)s,"), N_("your workspace %(company)s is ready. This is its address; keep this mail to find it again.")),
        N_("Open your workspace"), platform=True,
    ),
}


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
