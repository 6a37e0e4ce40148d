"""Who may do what with products. They belong to nobody: whoever may see products sees them all; what they cost takes more."""

from core.base.policy import ALWAYS, READ, WRITE, Rule

PERMISSIONS = {
    "products.read": Rule(READ), "products.create": Rule(WRITE), "products.edit": Rule(WRITE), "products.delete": Rule(WRITE), "products.export": Rule(ALWAYS),
    "product_costs.read": Rule(READ), "product_costs.write": Rule(WRITE),
    # Units, categories, tax codes, currencies and their rates.
    "catalogue.manage": Rule(WRITE),
}
