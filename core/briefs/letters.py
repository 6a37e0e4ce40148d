"""The list of the day as a letter. It is full of customers, so nothing of it is kept once it is out."""

from core.base.words import N_
from core.post.rules import GREETING, Letter

LETTERS = {
    "daily": Letter(
        N_("What waits for you: %(day)s"), (GREETING, N_("this waits for you in %(workspace)s. You find it on your page of today, too.")), N_("Open today's list"),
        foot=N_("Choose what you get by mail"), private=True,
    ),
}
