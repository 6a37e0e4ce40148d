"""Letters about money: their words, and leaving each once. They go out through the tenant's own post room."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from billing.models import BillingNotice
from core.base.outbox import defer_row
from core.base.words import N_
from core.post.rules import Letter
from tenants.models import ControlOrder

HELLO = N_("Hello,")
EXPORT = N_("You can read and export everything at any time.")

LETTERS = {
    "billing_trial_ends": Letter(
        N_("Your trial of %(company)s ends on %(until)s"),
        (HELLO, N_("the trial of your workspace %(company)s ends on %(until)s. Choose a plan to go on working; until then nothing changes.")),
        N_("Choose a plan"),
    ),
    "billing_trial_over": Letter(
        N_("Your workspace %(company)s is read-only now"),
        (HELLO, N_("the trial of your workspace %(company)s has ended. Nothing is lost: choose a plan and you go on where you stopped."), EXPORT),
        N_("Choose a plan"),
    ),
    "billing_invoice_issued": Letter(
        N_("Invoice %(number)s for %(company)s"),
        (HELLO, N_("here is the invoice %(number)s over %(amount)s. Please transfer it by %(due)s with the reference %(reference)s.")),
        N_("See the invoice"),
    ),
    "billing_reminder": Letter(
        N_("Invoice %(number)s is due"),
        (HELLO, N_("the invoice %(number)s was due on %(due)s; %(amount)s is still open. Please transfer it with the reference %(reference)s. "
                   "If you have paid meanwhile, you need not do anything.")),
        N_("See the invoice"),
    ),
    "billing_receipt": Letter(
        N_("Payment received: invoice %(number)s"),
        (HELLO, N_("thank you, the invoice %(number)s over %(amount)s is paid.")),
        N_("See the invoice"),
    ),
    "billing_suspended": Letter(
        N_("Your workspace %(company)s is suspended"),
        (HELLO, N_("your workspace %(company)s is suspended since %(since)s. You can still export your data and pay.")),
        N_("Subscription"),
    ),
    "billing_closed": Letter(
        N_("Your workspace %(company)s will be deleted on %(until)s"),
        (HELLO, N_("your workspace %(company)s is closed. On %(until)s it will be deleted with everything in it."),
         N_("Until then you can export everything, and if you go on with a plan or pay what is open, you go on where you stopped.")),
        N_("Go on or export"),
    ),
}
LETTERS = {name: replace(letter, platform=True) for name, letter in LETTERS.items()}
# Step of a notice -> letter. A step goes out once per trial or invoice (BILLING 4.3, 4.9); what follows an @ tells
# apart the times that it happens to one subscription.
STEPS = {
    "trial-7": "billing_trial_ends", "trial-3": "billing_trial_ends", "trial-1": "billing_trial_ends", "trial+0": "billing_trial_over",
    "trial+30": "billing_suspended", "deletion": "billing_closed", "invoice_issued": "billing_invoice_issued", "receipt": "billing_receipt",
    "due+3": "billing_reminder", "due+10": "billing_reminder", "due+20": "billing_reminder", "due+45": "billing_suspended",
}


def letter_of(step: str) -> str:
    """The letter of a step."""
    return STEPS[step.partition("@")[0]]


def leave(session: Session, tenant_id: UUID, subject_id: UUID, step: str, now: datetime) -> bool:
    """Order the letter of a step about a trial or an invoice; False where it was ordered before."""
    row = {"tenant_id": tenant_id, "subject_id": subject_id, "step": step, "at": now}
    if session.execute(insert(BillingNotice).values(**row).on_conflict_do_nothing().returning(BillingNotice.id)).scalar_one_or_none() is None:
        return False
    order = {"tenant_id": tenant_id, "subject_id": subject_id, "step": step}
    defer_row(session, ControlOrder, "billing.letter", now=now, due_at=None, queue="mail", dedupe=f"{subject_id}:{step}", asked_by=None, args=order)
    return True
