"""Letters that tell users what happened."""

from core.base.words import N_
from core.post.rules import Letter

HELLO, TEXT, FOOT = N_("Hello %(name)s,"), "%(text)s", N_("Choose what you get by mail")

LETTERS = {
    "told": Letter("%(said)s", (HELLO, N_("%(said)s."), TEXT), N_("Open it"), foot=FOOT),
    "digest": Letter(N_("What happened in %(workspace)s"), (HELLO, N_("this is new for you:"), TEXT), N_("Open notifications"), foot=FOOT),
}
