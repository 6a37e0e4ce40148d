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
    "words": N_("What to say next"), "people": N_("People"), "promises": N_("Promises"), "next": N_("Planned contacts"), "deals": N_("Open deals"), "quotes": N_("Quotes"), "lost": N_("Lost, and why"), "won": N_("What they bought"),
    "terms": N_("Agreed terms"), "talks": N_("Last contacts"), "knows": N_("Who knows them here"), "files": N_("Files that matter"),
}
ADVICE = {"yes": N_("Yes, quote"), "yes_with": N_("Yes, but heed this"), "ask": N_("Ask first"), "no": N_("No")}
# Code of a reason -> its sentence.
BECAUSE = {
    "release_never_bought": N_("The credit grade asks for the owner's release, and nothing was ever bought."), "came_to_nothing": N_("Nothing was ever bought, and %(count)s quotes within two years came to nothing."),
    "asks_release": N_("The credit grade asks for the owner's release."), "above_limit": N_("This quote is above the credit limit."), "pays_first": N_("They pay beforehand: say so in the quote."),
    "within_agreed": N_("Stay within what %(who)s agreed."), "still_open": N_("%(count)s quotes of ours still hold: say the same."), "settle_promise": N_("%(count)s promises to them are overdue: settle that first."),
    "seldom_yes": N_("They accepted %(count)s of %(all)s quotes within two years: ask what they need before you write."), "bought": N_("They bought %(count)s times: %(value)s so far."),
    "bought_unrated": N_("They bought %(count)s times."),
    "said_yes": N_("They accepted %(count)s of %(all)s quotes within two years."), "pays_well": N_("Credit grade: %(grade)s."), "nothing_against": N_("Nothing speaks against it."),
    "still_holds": N_("A quote of ours still holds and says %(price)s."), "list_says": N_("The list says %(price)s for them."), "declined_at": N_("They declined %(price)s."), "accepted_at": N_("They accepted %(price)s last."),
    "agreed_at": N_("%(price)s was agreed with them."), "others_accept": N_("Others accepted %(percent)s %% below the list (the middle of %(count)s quotes)."), "floor": N_("Not below %(price)s: the cost and a margin of %(percent)s %%."),
}
