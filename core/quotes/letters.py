"""The letter that brings a quote to the customer."""

from core.base.words import N_
from core.post.rules import Letter

LETTERS = {
    "quote": Letter(
        N_("Quote %(number)s: %(subject)s"),
        (N_("Hello,"), "%(words)s", N_("here is our quote %(number)s of %(total)s. It holds until %(until)s."), N_("On its page you read it, choose options, write to us, and accept it."), "%(who)s"),
        N_("Open the quote"),
    ),
}
