"""Letters to those who wrote by a web form. They say nothing that the sender typed: another's address can be typed too."""

from core.base.words import N_
from core.post.rules import Letter

ELSE = N_("If you did not write to us, you need not do anything.")
LETTERS = {
    "enquiry_received": Letter(
        N_("%(workspace)s has received your enquiry"),
        (N_("Hello,"), N_("thank you for writing to %(workspace)s. On a page of your own you see who answers it, by when, and what became of it."), ELSE),
        N_("See how it stands"),
    ),
    "enquiry_confirm": Letter(
        N_("Please confirm your enquiry to %(workspace)s"),
        (N_("Hello,"), N_("somebody wrote to %(workspace)s with this address. If it was you, please confirm it."), ELSE),
        N_("Confirm"),
    ),
    "enquiry_replied": Letter(
        N_("%(workspace)s has answered your enquiry"),
        (N_("Hello,"), N_("there is an answer from %(workspace)s on your page.")),
        N_("Read the answer"),
    ),
}
