"""Words for refusals and facts about leads, and the names of their fields."""

from core.base.words import N_

WORDS = {
    "lead_nameless": N_("Say at least a name, a company or a mail address."),
    "lead_reason_needed": N_("Choose a reason."),
    "lead_note_needed": N_("Say in a few words why."),
    "lead_converted": N_("This lead was converted already."),
    "lead_not_converted_so": N_("A lead becomes converted by converting it. Write another state, or leave the cell empty."),
    "lead_state_kept": N_("What becomes of a lead that is there already is said on its page. Leave the cell empty, or write the state that it has."),
    "lead_known": N_("May be the contact %(name)s."),
    "lead_known_hidden": N_("May be a contact already, whom another team owns."),
    "lead_company_known": N_("The company may be the account %(name)s."),
    "lead_company_known_hidden": N_("The company may be an account already, which another team owns."),
    "lead_open_already": N_("The lead %(name)s is open with this mail address."),
    "lead_ended": N_("This lead has ended. Take it up again first."),
    "lead_nothing_chosen": N_("Choose at least one of account, contact and deal."),
    "lead_moved": N_("Somebody else has dealt with this lead meanwhile."),
    "sees_no_leads": N_("%(names)s may not see leads. Choose others, or change the role."),
    "touch_unknown": N_("A touch has no field %(name)s."),
    "lead.created": N_("%(actor)s added the lead %(name)s"),
    "lead.came": N_("%(name)s came in as a lead (%(source)s)"),
    "lead.came_again": N_("%(name)s came again (%(source)s)"),
    "lead.edited": N_("%(actor)s changed %(fields)s of the lead %(name)s"),
    "lead.owner_changed": N_("%(actor)s made %(owner)s the owner of the lead %(name)s"),
    "lead.new": N_("%(actor)s put the lead %(name)s back among the new ones"),
    "lead.working": N_("%(actor)s began to work on the lead %(name)s"),
    "lead.accepted": N_("%(actor)s accepted the lead %(name)s"),
    "lead.returned": N_("%(actor)s returned the lead %(name)s: %(reason)s"),
    "lead.disqualified": N_("%(actor)s ruled the lead %(name)s out: %(reason)s"),
    "lead.converted": N_("%(actor)s converted the lead %(name)s"),
    "lead.taken_back": N_("%(actor)s took back the conversion of the lead %(name)s"),
    "lead_rule.saved": N_("%(actor)s saved the rule %(name)s for the score of leads"),
    "lead_rule.deleted": N_("%(actor)s deleted the rule %(name)s for the score of leads"),
    "lead_model_too_few": N_("%(closed)s leads have ended so far. A model needs %(least)s, and at least %(each)s of either end: converted, or not."),
    "lead_model_not_now": N_("This model isn't in a state in which that can be done."),
    "lead_model_worse_order": N_("The rules put the newest leads into a better order than this model, so it isn't used."),
    "lead_model_worse_chance": N_("The chances of this model are further off than those of the rules, or than the average, so it isn't used."),
    "lead_model.started": N_("%(actor)s had a model fitted to what became of the leads"),
    "lead_model.cancelled": N_("%(actor)s stopped the fitting of a model for leads"),
    "lead_model.failed": N_("A model for leads could not be fitted"),
    "lead_model.fitted": N_("A model was fitted to what became of the leads"),
    "lead_model.switched_on": N_("%(actor)s switched a model for leads on"),
    "lead_model.switched_off": N_("%(actor)s switched the model for leads off"),
    "lead_model.replaced": N_("A newer model for leads took the place of the one in use"),
    "lead.assigned": N_("The lead %(name)s went to %(owner)s by the rule %(rule)s"),
    "lead_assignment.saved": N_("%(actor)s saved the rule %(name)s for the assignment of leads"),
    "lead_assignment.moved": N_("%(actor)s moved the rule %(name)s for the assignment of leads"),
    "lead_assignment.deleted": N_("%(actor)s deleted the rule %(name)s for the assignment of leads"),
    "not_answer_hours": N_("Write a number of hours from 0.02 to %(max)s, such as 4 or 0.5."),
    "not_a_time_of_day": N_("Write a time such as 9:00, up to 24:00."),
    "closes_first": N_("The end comes after the beginning."),
    "warned_too_soon": N_("The warning comes before the end: fewer hours than until the first answer."),
    "lead_clock.changed": N_("%(actor)s changed how soon leads are to be answered"),
    "lead.contacted": N_("%(actor)s was in touch with %(name)s (%(way)s) %(note)s"),
    "lead.answer_missed": N_("Nobody had answered %(name)s in time"),
    "told.answer_missed": N_("Not answered in time: %(record)s"),
    "told.answer_soon": N_("To be answered soon: %(record)s"),
    "lead.deleted": N_("%(actor)s deleted the lead %(name)s"),
    "lead.restored": N_("%(actor)s brought the lead %(name)s back"),
}

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "name": N_("Name"), "company": N_("Company"), "job_title": N_("Job title"), "mail": N_("Mail"), "phone": N_("Phone"), "language": N_("Language"), "postcode": N_("Postcode"), "city": N_("City"),
    "country": N_("Country"), "interest": N_("Interested in"), "message": N_("Message"), "source": N_("Source"), "campaign": N_("Campaign"), "owner_id": N_("Owner"), "state": N_("State"),
    "reason": N_("Reason"), "reason_note": N_("Reason in words"), "next_step": N_("Next step"), "next_step_on": N_("Next step due"), "notes": N_("Notes"), "tags": N_("Tags"), "external_id": N_("Number elsewhere"), "touches": N_("Times he came"), "first_touch": N_("First touch"),
    "last_touch": N_("Last touch"), "score": N_("Score"), "chance": N_("Chance"), "created_at": N_("Added on"), "updated_at": N_("Last change"), "state_since": N_("In this state since"), "converted_at": N_("Converted on"),
    "answer": N_("First answer"), "answer_due_at": N_("First answer by"), "answered_at": N_("Answered on"), "waits_for_hours": N_("Waits for working hours"),
    "account_id": N_("Account"), "contact_id": N_("Contact"), "deal_id": N_("Deal"),
}
STATE_LABELS = {
    "new": N_("Just in"), "working": N_("Being worked on"), "accepted": N_("Accepted"), "returned": N_("Returned"), "disqualified": N_("Ruled out"), "converted": N_("Converted"),
}
REASON_LABELS = {
    "no_need": N_("No need"), "no_budget": N_("No budget"), "wrong_person": N_("Wrong person"), "not_reachable": N_("Can't be reached"), "competitor": N_("Bought elsewhere"), "spam": N_("Spam"),
    "other": N_("Another reason"),
}
# Sources that the program itself writes; others are shown as they were written.
SOURCE_LABELS = {"self": N_("Found by the owner"), "form": N_("Form"), "api": N_("A program"), "import": N_("Import"), "mail": N_("Mail")}
ANSWER_LABELS = {"running": N_("To be answered"), "met": N_("Answered in time"), "missed": N_("Answered late or not at all")}
TOUCH_LABELS = {
    "at": N_("When"), "utm_source": N_("UTM source"), "utm_medium": N_("UTM medium"), "utm_campaign": N_("UTM campaign"), "utm_term": N_("UTM term"), "utm_content": N_("UTM content"),
    "referrer": N_("Came from"), "page": N_("Page"), "click_id": N_("Click id"),
}
RULE_KIND_LABELS = {"condition": N_("Fields"), "complete": N_("How much is filled in"), "free_mail": N_("A free mail address"), "age": N_("Its age")}
# Code of what we made -> what it is called until somebody renames it.
RULE_LABELS = {"complete": N_("Filled in"), "again": N_("Came again"), "asked": N_("Says what he wants"), "free_mail": N_("Writes from a free mail address"), "age": N_("Grows old")}
WAY_LABELS = {"turn": N_("One after the other"), "least": N_("To whom the fewest open leads belong")}
