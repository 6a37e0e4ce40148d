"""Words of documents: refusals, facts, the names of a template's values, and what is printed."""

from core.base.words import N_

WORDS = {
    "print_colour": N_("Write the colour as in #1f4e79."),
    "print_colour_pale": N_("This colour is too pale to be read on white paper. Choose a darker one."),
    "print_margin": N_("Write whole millimetres from %(low)s to %(high)s."),
    "print_lines": N_("Use at most %(max)s lines."),
    "print_placeholder": N_("There is no placeholder {%(name)s}. These there are: %(known)s."),
    "print_column_twice": N_("A column stands in the table once."),
    "print_column_needed": N_("The item and its amount always stand in the table."),
    "print_template_last": N_("One template has to stay."),
    "print_logo_kind": N_("Choose a picture: PNG, JPEG, GIF or WebP."),
    "print_logo_pixels": N_("This picture is too large. Use at most %(max)s million pixels."),
    "print_fonts_coming": N_("The fonts for Chinese and Korean are being fetched. Try again in a minute."),
    "print_template.created": N_("%(actor)s made the print template %(name)s"),
    "print_template.edited": N_("%(actor)s changed the print template %(name)s"),
    "print_template.preferred": N_("%(actor)s made %(name)s the usual print template"),
    "print_template.deleted": N_("%(actor)s deleted the print template %(name)s"),
    "print_template.restored": N_("%(actor)s brought the print template %(name)s back"),
}

LABELS = {
    "name": N_("Name"), "language": N_("Language"), "layout": N_("Layout"), "colour": N_("Colour"), "font": N_("Font"), "paper": N_("Paper"),
    "margin_top": N_("Top margin (mm)"), "margin_right": N_("Right margin (mm)"), "margin_bottom": N_("Bottom margin (mm)"), "margin_left": N_("Left margin (mm)"),
    "logo": N_("Logo"), "letterhead": N_("Letterhead"), "footer_left": N_("Left footer"), "footer_middle": N_("Middle footer"), "footer_right": N_("Right footer"),
    "columns": N_("Columns"), "headings": N_("Headings"), "title": N_("Title"), "intro": N_("Before the items"), "closing": N_("After the totals"), "terms": N_("Terms"),
    "terms_on_new_page": N_("Terms on a new page"), "show_code": N_("QR code of the page that says whether it is valid"), "show_reasons": N_("Reasons of discounts"),
    "show_section_sums": N_("Totals of sections"), "show_option_sum": N_("Sum of options that are not chosen"),
}
LAYOUT_LABELS = {"letter": N_("Letter"), "modern": N_("Modern"), "compact": N_("Compact")}
FONT_LABELS = {"serif": N_("With serifs"), "sans": N_("Without serifs"), "book": N_("Like a book")}
PAPER_LABELS = {"a4": N_("A4"), "letter": N_("US Letter")}
KIND_LABELS = {"quote": N_("Quote")}

# What documents say by themselves, in the document's language.
TITLES = {"quote": N_("Quote {number}")}
COLUMN_LABELS = {
    "position": N_("Pos."), "sku": N_("Item no."), "name": N_("Description"), "quantity": N_("Quantity"), "unit": N_("Unit"), "unit_price": N_("Unit price"),
    "discount": N_("Discount"), "taxes": N_("Tax"), "amount": N_("Amount"),
}
STATES = {"draft": N_("Draft"), "superseded": N_("Superseded"), "expired": N_("Expired"), "withdrawn": N_("Withdrawn")}
CHOICES = {"optional": N_("Option"), "alternative": N_("Alternative")}
