"""Words of the ranking: why somebody stands where he stands, and that something was given by it."""

from core.base.words import N_

WORDS = {
    "deal.given": N_("%(actor)s gave the deal %(name)s to %(owner)s by its ranking"),
    "lead.given": N_("%(actor)s gave the lead %(name)s to %(owner)s by its ranking"),
}
# Reason -> its sentence.
REASONS = {
    "rate": N_("Won %(won)s of %(closed)s similar deals. Drawn towards the %(usual)s %% of everybody, as few deals say little, that is %(rate)s %%."),
    "industry": N_("Won %(won)s of %(closed)s deals in the industry %(industry)s: drawn towards everybody's %(usual)s %%, that is %(rate)s %%."),
    "products": N_("Sold these products in %(number)s accepted quotes."),
    "load": N_("Has %(open)s open deals of %(amount)s weighted, %(overdue)s next steps are overdue."),
    "load_unrated": N_("Has %(open)s open deals, %(overdue)s next steps are overdue. Their amount is not known: a rate is missing."),
    "language": N_("Works in the customer's language (%(language)s)."),
    "language_skill": N_("Speaks the customer's language (%(language)s)."),
    "language_won": N_("Works in another language, but won %(number)s deals with people who speak the customer's (%(language)s)."),
    "skill": N_("Knows what is asked for: %(what)s."),
    "skill_not": N_("What is asked for is not among the skills."),
    "territory": N_("Looks after %(number)s other accounts in %(place)s."),
    "team": N_("Is in a team with whoever looks after the account."),
    "team_not": N_("Is in no team with whoever looks after the account."),
    "knows": N_("Was in touch with this account %(number)s times in the last year."),
    "away": N_("Is away until %(until)s."),
}
REASON_LABELS = {
    "rate": N_("Win rate"), "industry": N_("Industry"), "products": N_("Products"), "load": N_("Load"), "language": N_("Language"), "skill": N_("Skills"), "skill_not": N_("Skills"), "territory": N_("Territory"), "team": N_("Team"), "team_not": N_("Team"), "knows": N_("Knows the account"),
    "away": N_("Absence"),
}
