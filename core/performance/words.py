"""Words of performance."""

from core.base.words import N_

MEASURE_LABELS = {
    "contacts": N_("Contacts made"), "visits": N_("Visits"), "sent": N_("Quotes sent"), "accepted": N_("Quotes accepted"), "margin": N_("Margin of accepted quotes"), "won": N_("Deals won"), "revenue": N_("Revenue won"),
    "cycle": N_("Days to a win"), "conversion": N_("Won of all closed"),
}
BY_LABELS = {"person": N_("By person"), "team": N_("By team"), "branch": N_("By branch")}
