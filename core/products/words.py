"""Words of refusals about prices."""

from core.base.words import N_

WORDS = {
    "quantity_positive": N_("Enter a quantity above zero."),
    "no_rate": N_("There is no exchange rate for %(currency)s on %(day)s."),
    "cost_unknown": N_("The list %(list)s earns a margin on the cost, and the product's cost is not known."),
    "margin_too_high": N_("A margin is below 100 percent."),
}
