"""Words of products: refusals, facts, and the names of fields."""

from core.base.words import N_

WORDS = {
    "quantity_positive": N_("Enter a quantity above zero."),
    "no_rate": N_("There is no exchange rate for %(currency)s on %(day)s."),
    "cost_unknown": N_("The list %(list)s earns a margin on the cost, and the product's cost is not known."),
    "margin_too_high": N_("A margin is below 100 percent."),
    "too_many_decimals": N_("Use at most %(places)s decimals."),
    "tier_in_use": N_("Accounts are in the tier %(name)s, or were. Set its discount to 0 instead."),
    "not_a_step": N_("Write a percentage above zero: up to 1000 more, up to 100 less."),
    "not_a_percent": N_("Write a percentage between 0 and 100."),
    "product_code_taken": N_("Another product has this code; it may lie in the recycle bin."),
    "product_unknown": N_("There is no such product."),
    "product_succeeds_itself": N_("This product would take its own place. Choose another successor."),
    "category_unknown": N_("There is no such category."),
    "category_not_one": N_("Several categories are called \"%(value)s\". Write the whole path, as in Drinks / Tea."),
    "unit_unknown": N_("There is no such unit, or it is not used any more."),
    "tax_code_unknown": N_("There is no such tax code, or it is not used any more."),
    "amount_beside_unread": N_("\"%(value)s\" beside the amount is no one currency. Write the amount alone, or behind it a code such as USD."),
    "currency_of_list": N_("The prices of this list are in %(currency)s."),
    "price_or_percent": N_("A line says a price or a percentage, as its way asks for."),
    "price_currency_other": N_("This amount is in %(value)s, and the row's prices are in another currency."),
    "product_currency_kept": N_("This product's prices are in %(currency)s, and an import does not change that."),
    "successor_not_found": N_("No product has the code or name \"%(value)s\", so no successor was set."),
    "successor_in_circle": N_("\"%(value)s\" is succeeded by this product already, so no successor was set."),
    "category_cycle": N_("This category stands above itself then. Choose another one."),
    "name_taken": N_("This name is taken."),
    "still_used": N_("%(count)s products or categories still use it."),
    "no_tax_rate": N_("The tax code %(name)s has no rate on %(day)s."),
    "tax_rate_needed": N_("Only a standard rate has a percentage, and it needs one."),
    "currency_own": N_("This is the workspace's own currency."),
    "currency_unknown": N_("Add this currency to the workspace first."),
    "rate_positive": N_("Write a rate above zero."),
    "rate_future": N_("A rate is of a day that has come."),
    "rates_unreadable": N_("Line %(line)s: write day, currency and rate, as in 2026-05-31, USD, 1.0845."),
    "rate_line": N_("Line %(line)s holds no rate that can be stored: day, currency and rate, as in 2026-05-31, USD, 1.0845."),
    "product_has_variants": N_("%(name)s has variants. Choose one of them."),
    "variant_name_kept": N_("A variant is called by its product and its values. Change those."),
    "variant_name_long": N_("%(name)s … is too long for a name. Use shorter values."),
    "variant_has_attributes": N_("This is a variant itself; what it differs in is said at its product."),
    "attributes_kept": N_("While there are variants, in the recycle bin too, attributes neither come nor go."),
    "attributes_needed": N_("Say first what the variants differ in."),
    "too_many_attributes": N_("Variants differ in at most %(max)s attributes."),
    "attribute_values": N_("An attribute has at least one value and at most %(max)s."),
    "attribute_sign": N_("Write this without the signs %(signs)s."),
    "value_used": N_("A variant is %(name)s, so this value stays; the variant may lie in the recycle bin."),
    "too_many_of_one": N_("A product has at most %(max)s variants."),
    "too_many_variants": N_("These are more than %(max)s variants at once. Choose fewer values."),
    "variants_none": N_("Choose at least one variant."),
    "variant_values": N_("A variant has one value of each attribute."),
    "combination_taken": N_("There is a variant %(name)s already."),
    "combination_deleted": N_("The variant %(name)s lies in the recycle bin. Bring it back from there."),
    "values_unread": N_("Write attributes with their values, as in Colour: Red; Size: M."),
    "template_not_found": N_("No product has the code \"%(value)s\"."),
    "variant_kept": N_("An import makes no product that is there the variant of another one, nor one of other values."),
    "relation_itself": N_("A product has nothing to do with itself. Choose another one."),
    "relation_there": N_("That is said of the two already."),
    "too_many_relations": N_("Say this of at most %(max)s products."),
    "bundle_itself": N_("A bundle is no part of itself. Choose another product."),
    "bundle_in_bundle": N_("%(name)s is a bundle itself. Choose its parts instead."),
    "part_is_no_bundle": N_("This product is a part of %(name)s, so it is no bundle itself."),
    "bundle_no_variants": N_("A bundle has no variants, and is none."),
    "part_twice": N_("This product is a part already. Change its quantity there."),
    "too_many_parts": N_("A bundle has at most %(max)s parts."),
    "bundle_cost": N_("A bundle costs what its parts cost. Change the cost of those."),
    "bundle_sum_price": N_("This bundle's price is the sum of its parts' prices. Say with its parts first that it has a price of its own."),
    "image_not_picture": N_("Choose a picture among the product's files."),
    "no_price": N_("%(name)s has no price, and no list says one."),
    "tier_unknown": N_("There is no tier %(name)s."),
    "list_unknown": N_("There is no such price list."),
    "list_stood_on": N_("Another list stands on %(name)s. Change that one first."),
    "list_stands_on_itself": N_("This list would stand on itself. Choose another one."),
    "list_not_for_him": N_("Choose for whom the list is first."),
    "rounding_odd": N_("Round to a step above zero, less something smaller than the step."),
    "formula_half": N_("A list that stands on another needs a way and a percentage."),
    "days_turned": N_("It ends before it begins."),
    "list_in_currency": N_("The list %(name)s is in %(currency)s. Write its prices in that."),
    "line_of_two": N_("A row is about one product, one category or all products. Leave the other cell empty."),
    "product_not_one": N_("Several products have this name. Write the product code."),
    "line_there": N_("The list has a line for this from this quantity and day on already."),
    "product.created": N_("%(actor)s added the product %(name)s"),
    "product.edited": N_("%(actor)s changed %(fields)s"),
    "product.deleted": N_("%(actor)s deleted the product %(name)s"),
    "product.restored": N_("%(actor)s brought the product %(name)s back"),
    "product.pictured": N_("%(actor)s chose another picture"),
    "product.attributes_changed": N_("%(actor)s changed what the variants differ in"),
    "product.variants_made": N_("%(actor)s made %(count)s variants"),
    "product.related": N_("%(actor)s said that %(name)s goes with %(other)s"),
    "product.unrelated": N_("%(actor)s took back what goes with %(name)s"),
    "product.parts_changed": N_("%(actor)s changed what %(name)s consists of"),
    "catalogue.changed": N_("%(actor)s changed the catalogue: %(name)s"),
    "rates.stored": N_("%(actor)s stored %(count)s exchange rates"),
}

# Field -> label, for forms, conflicts and the timeline.
LABELS = {
    "code": N_("Product code"), "name": N_("Name"), "description": N_("Description"), "category_id": N_("Category"), "unit_id": N_("Unit"), "tax_code_id": N_("Tax code"),
    "price": N_("Sales price"), "cost": N_("Cost"), "state": N_("State"), "successor_id": N_("Successor"), "tags": N_("Tags"), "image_id": N_("Picture"), "currency": N_("Currency"),
    "variants": N_("Variants"), "template": N_("Variant of"), "values": N_("Values of variants"),
    "created_at": N_("Added on"), "updated_at": N_("Last change"),
}
STATE_LABELS = {"active": N_("Active"), "retired": N_("Retired")}
# What one product is to another: as a choice behind "This product", and above the others on its page.
WAY_OF_RELATION = {
    "fits": N_("fits with"), "accessory_of": N_("is an accessory of"), "accessories": N_("has as an accessory"), "replaces": N_("may replace"), "replaced_by": N_("may be replaced by"),
}
RELATION_HEADS = {
    "fits": N_("Fits with"), "accessory_of": N_("Accessory of"), "accessories": N_("Accessories"), "replaces": N_("May replace"), "replaced_by": N_("May be replaced by"), "takes_place_of": N_("Takes the place of"),
}
# What a file says of a line of a price list.
LINE_LABELS = {
    "price_list": N_("Price list"), "product": N_("Product code"), "product_name": N_("Product name"), "what": N_("Of what"), "way": N_("What it says"), "value": N_("Price or percent"), "from_quantity": N_("From the quantity"),
    "starts_on": N_("First day"), "ends_on": N_("Last day"),
}
WHOM_LABELS = {"everybody": N_("Everybody"), "group": N_("Accounts with a tag"), "customer": N_("One account")}
WHAT_LABELS = {"product": N_("One product"), "category": N_("A category and all below it"), "all": N_("All products")}
WAY_LABELS = {"price": N_("A price"), "discount": N_("Percent off"), "markup": N_("Percent more"), "margin": N_("A margin over the cost")}
# Why a price is what it is, step by step (core.products.rules.Reason).
REASONS = {
    "own_price": N_("%(amount)s is the product's own price."), "template_price": N_("%(amount)s is the price of %(name)s, whose variant it is."), "line_of_template": N_("That is said of %(name)s, whose variant it is."), "list_price": N_("%(amount)s stands in the list %(list)s."),
    "bundle_sum": N_("The sum of its parts (%(count)s):"), "bundle_part": N_("%(quantity)s × %(name)s at %(amount)s."),
    "list_discount": N_("The list %(list)s takes %(percent)s %% off the own price of %(amount)s."), "list_markup": N_("The list %(list)s puts %(percent)s %% on the own price of %(amount)s."),
    "list_margin": N_("The list %(list)s earns a margin of %(percent)s %% over the cost of %(amount)s."), "list_alone": N_("The list %(list)s says so."), "from_quantity": N_("That holds from the quantity %(quantity)s on."),
    "formula_discount": N_("The list %(list)s takes %(percent)s %% off that."), "formula_markup": N_("The list %(list)s puts %(percent)s %% on that."),
    "converted": N_("Converted at %(rate)s, the rate of %(day)s."), "list_rounded": N_("The list rounds to %(step)s."), "standing_discount": N_("Minus %(percent)s %% for the tier %(name)s."), "credit_discount": N_("Minus %(percent)s %% for the credit grade: %(grade)s."), "kept_discount": N_("Minus %(percent)s %% that this customer always gets."),
}
BUNDLE_PRICE_LABELS = {"own": N_("A price of its own"), "sum": N_("The sum of its parts' prices")}
TAX_LABELS = {"S": N_("Standard rate"), "Z": N_("Zero rate"), "E": N_("Exempt"), "AE": N_("Reverse charge")}
CHOICE_LABELS = {"state": STATE_LABELS}
