"""Words for refusals and facts about deals, and the names of their fields."""

from core.base.words import N_

WORDS = {
    "no_pipeline": N_("There is no pipeline that you work in. Somebody who manages pipelines can add one."),
    "stage_unknown": N_("There is no such stage, or you do not work in its pipeline."),
    "pipeline_unknown": N_("There is no such pipeline, or you do not work in it."),
    "stage_asks": N_("%(stage)s asks for this first: %(missing)s."),
    "loss_reason_needed": N_("Say in a few words why it was lost."),
    "loss_reason_not_yours": N_("A lost deal needs a reason, and your role does not write that. Ask a colleague."),
    "next_step_needs_day": N_("Say on which day the next step is due."),
    "amount_negative": N_("Write an amount of zero or more."),
    "moved_meanwhile": N_("Somebody else has moved this deal meanwhile."),
    "stage_not_empty": N_("Deals stand in this stage, or stood in it. Rename it instead, or move it."),
    "pipeline_not_empty": N_("Open deals stand in this pipeline. Move or close them first."),
    "pipeline_last": N_("One pipeline has to stay."),
    "stage_needed": N_("A pipeline needs at least one stage of each kind: open, won and lost."),
    "name_taken_here": N_("This name is taken here already."),
    "too_many_stages": N_("A pipeline has at most %(max)s stages."),
    "period_unknown": N_("Write a period as 2026-11, 2026-Q4 or 2026."),
    "deal_closed": N_("This deal is closed: its day is the one on which it was won or lost."),
    "whose_unknown": N_("There is no such person or team, or you do not see all of their deals."),
    "why_needed": N_("Say in a few words why."),
    "amount_positive": N_("Write an amount above zero."),
    "line_needs": N_("Line %(line)s: choose a product, or write what it is and a price."),
    "too_many_deal_lines": N_("A deal has at most %(max)s products."),
    "deal_lines_too_large": N_("Line %(line)s comes to more than a deal can hold."),
    "amount_of_lines": N_("The amount is that of the deal's products. Change it there, or take them away first."),
    "member_is_owner": N_("%(name)s is the owner of this deal already."),
    "member_twice": N_("%(name)s works on this deal already."),
    "credit_over": N_("Only %(left)s %% are left to give."),
    "competitor_took": N_("A deal was lost to %(name)s. Rename it instead."),
    "told.deal_team": N_("%(actor)s took you into the team of %(record)s"),
    "deal.lines_changed": N_("%(actor)s changed the products of the deal %(name)s"),
    "deal.member_added": N_("%(actor)s took %(member)s into the team of the deal %(name)s"),
    "deal.member_changed": N_("%(actor)s changed the part of %(member)s in the deal %(name)s"),
    "deal.share_changed": N_("%(actor)s changed the share of %(member)s in the deal %(name)s from %(was)s to %(to)s"),
    "deal.member_removed": N_("%(actor)s took %(member)s out of the team of the deal %(name)s"),
    "deal.competitor_named": N_("%(actor)s named %(competitor)s as a competitor for the deal %(name)s"),
    "deal.competitor_gone": N_("%(actor)s took the competitor %(competitor)s out of the deal %(name)s"),
    "competitor.added": N_("%(actor)s added the competitor %(name)s"),
    "competitor.edited": N_("%(actor)s changed %(fields)s of the competitor %(name)s"),
    "competitor.removed": N_("%(actor)s removed the competitor %(name)s"),
    "target.set": N_("%(actor)s set a target of %(amount)s for %(whose)s, %(period)s"),
    "target.removed": N_("%(actor)s took the target of %(whose)s, %(period)s, away"),
    "forecast.adjusted": N_("%(actor)s changed the forecast of %(whose)s, %(period)s, by %(amount)s: %(reason)s"),
    "loss_reason.added": N_("%(actor)s added the reason for a loss %(name)s"),
    "loss_reason.removed": N_("%(actor)s took the reason for a loss %(name)s away"),
    "pipeline.created": N_("%(actor)s added the pipeline %(name)s"),
    "pipeline.changed": N_("%(actor)s changed the pipeline %(name)s"),
    "pipeline.archived": N_("%(actor)s put the pipeline %(name)s away"),
    "deal.imported": N_("%(actor)s brought the deal %(name)s in from a file; what is known of its stages begins here"),
    "pipeline_not_named": N_("There is no pipeline \"%(value)s\" in which you work."),
    "stage_not_named": N_("There is no stage \"%(value)s\" in this pipeline. Write the name of one, or replace the text in all its rows."),
    "stage_of_other_state": N_("\"%(value)s\" is no stage of deals in that state."),
    "deal_moves_elsewhere": N_("A deal that is there is moved on its page or on the board, with what its stage asks for. Leave the cell empty, or write where it stands."),
    "deal_currency_kept": N_("This deal is in %(currency)s, and an import does not change that."),
    "closed_in_future": N_("A deal is closed on a day that has come."),
    "product_not_named": N_("There is no product \"%(value)s\", or several. Write its code."),
    "deal_line_needs_amount": N_("The row says no amount, so the deal gets no line for this product."),
    "deal.created": N_("%(actor)s added the deal %(name)s"),
    "deal.edited": N_("%(actor)s changed %(fields)s of the deal %(name)s"),
    "deal.owner_changed": N_("%(actor)s made %(owner)s the owner of the deal %(name)s"),
    "deal.moved": N_("%(actor)s moved the deal %(name)s to %(to)s"),
    "deal.won": N_("%(actor)s won the deal %(name)s"),
    "deal.lost": N_("%(actor)s lost the deal %(name)s: %(reason)s"),
    "deal.deleted": N_("%(actor)s deleted the deal %(name)s"),
    "deal.restored": N_("%(actor)s brought the deal %(name)s back"),
}

HIDDEN_LABEL = N_("something that your role does not see")

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "name": N_("Name"), "account_id": N_("Account"), "contact_id": N_("Contact"), "owner_id": N_("Owner"), "amount": N_("Amount"), "currency": N_("Currency"),
    "closes_on": N_("Expected close"), "probability": N_("Probability in percent"), "forecast": N_("Forecast"), "next_step": N_("Next step"), "next_step_on": N_("Next step due"), "source": N_("Source"), "campaign": N_("Campaign"),
    "loss_reason": N_("Why it was lost"), "notes": N_("Notes"), "tags": N_("Tags"), "external_id": N_("Number elsewhere"), "stage_id": N_("Stage"), "pipeline_id": N_("Pipeline"), "stage": N_("Stage"),
    "pipeline": N_("Pipeline"), "state": N_("State"), "account": N_("Account"), "stage_since": N_("In this stage since"), "closed_at": N_("Closed on"),
    "created_at": N_("Added on"), "updated_at": N_("Last change"),
}
RECUR_LABELS = {"once": N_("Once"), "month": N_("Every month"), "quarter": N_("Every quarter"), "year": N_("Every year")}
COMPETITOR_LABELS = {"name": N_("Name"), "website": N_("Website"), "strengths": N_("Where they are strong"), "weaknesses": N_("Where they are weak")}
STATE_LABELS = {"open": N_("Not closed yet"), "won": N_("Won"), "lost": N_("Closed lost")}
FORECAST_LABELS = {"commit": N_("Commit"), "best_case": N_("Best case"), "pipeline": N_("Possible"), "omitted": N_("Left out")}
CRITERION_LABELS = {name: LABELS[name] for name in ("account_id", "contact_id", "amount", "closes_on", "next_step_on", "source")}
# Code of what we made -> what it is called until somebody renames it.
STARTER_LABELS = {
    "sales": N_("Sales"), "new": N_("Enquiry"), "qualified": N_("Qualified"), "proposal": N_("Quote sent"), "negotiation": N_("Negotiating"), "won": N_("Won"), "lost": N_("Closed lost"),
}
