"""Thunderbird's own test files: whatever an address book is written in, the same people come in (addressbook.json holds who)."""

import json

import pytest
from sqlalchemy import select

from core.parties import reach_many
from core.parties.models import Account, Contact
from core.parties.reach_models import PostalAddress
from core.transfer import queries, uploading
from core.transfer.models import ImportRow

# File -> the test of addressbook.json that it belongs to, and what a person has to say of it.
FILES = {
    "basic_csv_addressbook.csv": ("csv_import", {}), "csv_semicolon.csv": ("csv_import", {}), "csv_no_header.csv": ("csv_import", {"header_row": 0}),
    "basic_addressbook.csv": ("utf16_csv", {}), "utf16_addressbook.csv": ("utf16_csv", {}), "shiftjis_addressbook.csv": ("shiftjis_csv", {}),
    "basic_vcard_addressbook.vcf": ("vcard_import", {}), "emptylines_vcard_addressbook.vcf": ("vcard_import", {}), "dos_vcard_addressbook.vcf": ("dos_vcard_import", {}),
    "bug_263304.ldif": ("bug_263304", {}), "basic_ldif_addressbook.ldif": ("basic_addressbook", {}),
}
NO_HEADER = ["name", "", "", "mail"]
# Addresses that lead nowhere on purpose are refused by our rules of mail and websites, in every file alike: these stand for them.
ELSEWHERE = (("invalid", "example"), ("http://127.0.0.1", "http://www.a.example"), ("http://localhost", "http://www.b.example"))


def elsewhere(content):
    """The file with addresses that could lead somewhere."""
    for code in ("ascii", "utf-16-le"):
        for old, new in ELSEWHERE:
            content = content.replace(old.encode(code), new.encode(code))
    return content


def brought(bring, content, name, said=None):
    """The file as people bring it, run; the contacts that it made, by line."""
    one = bring().upload(elsewhere(content), kind="contacts", name=name)
    if said:
        with one.door() as ctx:
            run = queries.one(ctx, one.id)
            uploading.choose_form(ctx, run, version=run.version, **said)
    one.choose(mode="create", key_field="", **({"mapping": NO_HEADER} if said else {})).check()
    assert one.counts.get("problem", 0) == 0, one.said()
    one.run()
    with one.door() as ctx:
        rows = ctx.session.execute(select(Contact, Account.name).join(ImportRow, ImportRow.record_id == Contact.id).outerjoin(Account, Account.id == Contact.account_id).where(ImportRow.run_id == one.id).order_by(ImportRow.line))
        return [told(ctx, contact, company) for contact, company in rows]


def told(ctx, contact, company):
    """All that is kept of a person."""
    names = ("name", "mail", "phone", "mobile", "job_title", "birthday", "notes")
    found = {name: str(value) for name in names if (value := getattr(contact, name))}
    address = ctx.session.execute(select(PostalAddress).where(PostalAddress.contact_id == contact.id)).scalars().first()
    found |= {"account": company} if company else {}
    found |= {name: getattr(address, name) for name in ("street", "postcode", "city", "region", "country")} if address else {}
    return found | {"further": sorted(value for *_, value in reach_many.further_of(ctx, "contacts", [contact.id]).get(contact.id, ())), "custom": dict(contact.custom or {})}


def people(data, key):
    """(name, mail) as Thunderbird's tests want them."""
    truth = json.loads((data / "thunderbird-addressbook" / "addressbook.json").read_text())[key]
    return [(one["DisplayName"], one["PrimaryEmail"].replace("invalid", "example")) for one in truth]


@pytest.mark.parametrize("name", FILES)
def test_the_same_people_come_in_whatever_the_file_is_written_in(bring, house, data, name):
    key, said = FILES[name]
    found = brought(bring, (data / "thunderbird-addressbook" / name).read_bytes(), name, said)
    assert [(one["name"], one["mail"]) for one in found] == people(data, key)


def test_every_file_of_the_folder_is_one_of_them(data):
    assert {path.name for path in (data / "thunderbird-addressbook").iterdir()} == FILES.keys() | {"SOURCE.md", "addressbook.json"}


def test_a_directory_and_the_card_that_it_is_say_the_same_of_a_person(bring, house, data):
    """Every field of ours: the LDIF file, and the card that Thunderbird makes of it."""
    folder = data / "thunderbird-addressbook"
    truth = json.loads((folder / "addressbook.json").read_text())["basic_addressbook"][0]["_vCard"]
    card = "\r\n".join(["BEGIN:VCARD", *truth, "END:VCARD", ""]).encode()
    (directory,), (cards,) = brought(bring, (folder / "basic_ldif_addressbook.ldif").read_bytes(), "a.ldif"), brought(bring, card, "a.vcf")
    assert {**directory, "custom": {}} == {**cards, "custom": {}} and len(directory) > 10
    assert (directory["job_title"], directory["birthday"], directory["account"], directory["phone"], directory["mobile"]) == ("Job Title", "1900-01-02", "Organization Name", "123-456-7890", "567-890-1234")
    assert directory["further"] == ["234-567-8901", "secondemail@host.example"] and directory["city"] == "Home City" and directory["notes"].startswith("Notes line 1")
