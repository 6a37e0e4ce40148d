"""Names of a file's columns as they are shown: its own, and in the reader's language those that cards and directories get."""

from collections.abc import Callable

from core.base.words import N_
from core.transfer.models import ImportRun

CARD_COLUMNS = {
    "Name": N_("Name"), "First name": N_("First name"), "Last name": N_("Last name"), "Company": N_("Company"), "Department": N_("Department"),
    "Job title": N_("Job title"), "Mail": N_("Mail"), "Phone (work)": N_("Phone (work)"), "Phone (home)": N_("Phone (home)"), "Phone": N_("Phone"),
    "Mobile": N_("Mobile"), "Fax": N_("Fax"), "Pager": N_("Pager"), "Website": N_("Website"), "Birthday": N_("Birthday"), "Tags": N_("Tags"), "Notes": N_("Notes"),
    "Nickname": N_("Nickname"), "Middle name": N_("Middle name"), "Name prefix": N_("Name prefix"), "Name suffix": N_("Name suffix"), "Language": N_("Language"),
    "Anniversary": N_("Anniversary"), "Role": N_("Role"),
    **{f"{name} ({kind})": text for name, kind, text in (
        ("Street", "work", N_("Street (work)")), ("Postcode", "work", N_("Postcode (work)")), ("City", "work", N_("City (work)")),
        ("Region", "work", N_("Region (work)")), ("Country", "work", N_("Country (work)")), ("Street", "home", N_("Street (home)")),
        ("Postcode", "home", N_("Postcode (home)")), ("City", "home", N_("City (home)")), ("Region", "home", N_("Region (home)")), ("Country", "home", N_("Country (home)")),
    )},
}


def header_name(translate: Callable[[str], str], run: ImportRun, index: int) -> str:
    """The name of a column: as in the file; what our own readers named, in the reader's language."""
    name = run.header[index]
    if run.format in ("vcard", "ldif"):
        stem, number = name, ""
        for part in name.split(" "):
            if part.isdigit():
                stem, number = name.replace(f" {part}", "", 1), f" {part}"
        return translate(CARD_COLUMNS[stem]) + number if stem in CARD_COLUMNS else name
    if run.header_row == 0 or not name:
        return translate(N_("Column %(number)s")) % {"number": index + 1}
    return name
