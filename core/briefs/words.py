"""Words of a brief: what to say next, and why; the names of its parts."""

from core.base.words import N_

# Code of a rule -> (what to say or do, why).
SAY = {
    "broken": (N_("Apologise, and say when it comes: %(what)s"), N_("%(who)s promised it for %(day)s, and it was not kept.")),
    "late_kept": (N_("Apologise for the delay: %(what)s"), N_("%(who)s promised it for %(day)s, and kept it late.")),
    "promised": (N_("Say how it stands: %(what)s"), N_("%(who)s promised it for %(day)s.")),
    "birthday": (N_("Wish %(who)s a happy birthday"), N_("The birthday is on %(day)s.")),
    "birthday_age": (N_("Wish %(who)s a happy birthday"), N_("Turns %(age)s on %(day)s.")),
    "date": (N_("Think of this day: %(what)s"), N_("It is on %(day)s.")),
    "runs_out": (N_("Ask for the decision about quote %(quote)s"), N_("It holds until %(day)s: %(what)s.")),
    "overdue": (N_("Take the next step: %(what)s"), N_("It was due on %(day)s for the deal %(deal)s.")),
    "unanswered": (N_("Ask what they think of quote %(quote)s"), N_("It was sent on %(day)s and is not answered: %(what)s.")),
    "aimless": (N_("Agree on the next step for %(deal)s"), N_("This deal has none.")),
    "lost": (N_("Ask what would have to change after %(deal)s"), N_("It was lost on %(day)s: %(why)s.")),
    "declined": (N_("Ask what was wrong with quote %(quote)s"), N_("It was declined on %(day)s.")),
    "declined_why": (N_("Ask what was wrong with quote %(quote)s"), N_("It was declined on %(day)s: %(why)s")),
    "silent": (N_("Ask how they are"), N_("Nobody has been in touch since %(day)s, for %(days)s days.")),
    "never": (N_("Introduce yourself"), N_("No contact with them was ever logged.")),
    "needs_release": (N_("Promise nothing before the owner has said yes"), N_("Their credit grade asks for a release of every quote and order.")),
    "prepaid": (N_("Say that they pay beforehand"), N_("It follows from their credit grade.")),
}
NOBODY = N_("Somebody")
PARTS = {
    "words": N_("What to say next"), "people": N_("People"), "promises": N_("Promises"), "next": N_("Planned contacts"), "deals": N_("Open deals"), "quotes": N_("Quotes"), "lost": N_("Lost, and why"),
    "talks": N_("Last contacts"), "knows": N_("Who knows them here"), "files": N_("Files that matter"),
}
