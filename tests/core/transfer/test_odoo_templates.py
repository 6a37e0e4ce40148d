"""The ten files that Odoo hands its users: what our rooms hold comes in, and of what they don't hold it is said why."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from core.parties.models import Account, Contact
from core.transfer.models import ImportRow
from tests.support.world import House

NO_PRODUCTS, NO_PURCHASES = "products have no room yet", "purchases have no room yet"
LEADS, LISTS = "leads have no room yet: their persons come in", "mailings are sent to people by tag, there are no lists"
# File -> the kind as which it comes in and its columns that become fields; or why it does not. What is no field is kept beside.
FILES = {
    "External_id_3rd_party_application_product_categories.csv": NO_PRODUCTS, "External_id_3rd_party_application_products.csv": NO_PRODUCTS, "Name_products.csv": NO_PRODUCTS,
    "o2m_purchase_order_lines.csv": NO_PURCHASES, "purchase.order_functional_error_line_cant_adpat.csv": NO_PURCHASES,
    "m2m_customers_tags.csv": ("accounts", {"Name": "name", "Reference": "external_id", "Tags": "tags", "Customer": "is_customer", "Street": "street", "City": "city", "Country": "country"}, ""),
    "o2m_customers_contacts.csv": ("accounts", {
        "Name": "name", "Is a company": "kind", "Related company": "parent", "Street": "street", "ZIP": "postcode", "City": "city", "State": "region", "Country": "country",
    }, "an account has one address and needs no type of it"),
    "res_partner.xlsx": ("accounts", {
        "name": "name", "is_company": "kind", "country_id": "country", "state_id": "region", "zip": "postcode", "city": "city", "street": "street", "phone": "phone", "email": "mail", "vat": "vat_id",
    }, "banks have no room yet; an account has no mobile number and a street of several lines; company_name is an inner name of Odoo's"),
    "crm_lead.xls": ("contacts", {
        "External ID": "external_id", "Company Name": "account", "Contact Name": "name", "Email": "mail", "Job Position": "job_title", "Phone": "phone", "Mobile": "mobile", "Street": "street", "City": "city",
        "State": "region", "Zip": "postcode", "Country": "country", "Website": "account_website", "Notes": "notes",
    }, LEADS),
    "mailing_contact.xls": ("contacts", {"External ID": "external_id", "Name": "name", "Company Name": "account", "Email": "mail", "Country": "country"}, LISTS),
}


@pytest.fixture
def fresh(app):
    """A tenant that has nothing yet."""
    return House(f"odoo-{uuid4().hex[:6]}", {"owner": "admin"})


def uploaded(bring, data, name, at=None):
    return bring(at=at).upload((data / "odoo-import-templates" / name).read_bytes(), kind=FILES[name][0], name=name)


def brought(one):
    """Run; the records that it made, by name."""
    one.check().run()
    model = Account if one.row.kind == "accounts" else Contact
    with one.door() as ctx:
        return {row.name: row for row in ctx.session.execute(select(model).join(ImportRow, ImportRow.record_id == model.id).where(ImportRow.run_id == one.id, ImportRow.outcome == "created")).scalars()}


def test_each_of_the_ten_is_told(data):
    assert {path.name for path in (data / "odoo-import-templates").iterdir()} == FILES.keys() | {"SOURCE.md"} and len(FILES) == 10


@pytest.mark.parametrize("name", [name for name, said in FILES.items() if not isinstance(said, str)])
def test_its_columns_become_the_fields_that_we_have(bring, house, data, name):
    row = uploaded(bring, data, name).row
    assert {column: target for column, target in zip(row.header, row.mapping, strict=True) if target not in ("", "custom")} == FILES[name][1]


@pytest.mark.parametrize("name", [name for name, said in FILES.items() if said in (NO_PRODUCTS, NO_PURCHASES)])
def test_what_has_no_room_is_no_list_of_people(bring, house, data, name):
    """None of its columns is taken for one of a person or company but the name and number that everything has."""
    row = bring().upload((data / "odoo-import-templates" / name).read_bytes(), name=name).row
    assert set(row.mapping) <= {"name", "external_id", "custom", ""}


def test_two_tags_in_one_cell_are_two(bring, fresh, data):
    found = brought(uploaded(bring, data, "m2m_customers_tags.csv", fresh))
    assert {name: (account.tags, account.external_id, account.is_customer, account.country) for name, account in found.items()} == {
        "Credit & Leasing": (["Services"], "3", True, "South Africa"), "Services & Finance": (["Consultancy Services", "IT Services"], "5", True, "United Kingdom"),
        "Hydra Supplies": (["Manufacturer", "Retailer"], "6", True, "United States"), "Bolts & Screws": (["Wholesaler", "Components Buyer"], "8", True, "Brazil"),
        "National Parts & Supplies": (["Manufacturer", "Wholesaler"], "18", True, "China"),
    }


def test_a_contact_hangs_on_the_company_of_the_same_file(bring, fresh, data):
    found = brought(uploaded(bring, data, "o2m_customers_contacts.csv", fresh))
    names = {account.id: account.name for account in found.values()}
    assert {name: (account.kind, names.get(account.parent_id), account.postcode) for name, account in found.items()} == {
        "Aurora Shelves": ("company", None, "95101"), "Roger Martins": ("person", "Aurora Shelves", "95102"), "House Sales Direct": ("company", None, "94059"),
        "Yvan Holiday": ("person", "House Sales Direct", "94060"), "Jack Unsworth": ("person", "House Sales Direct", "94061"), "Michael Mason": ("person", None, "94104"),
        "International Wood": ("company", None, "20004"), "Sharon Pecker": ("person", "International Wood", "20005"),
    }


def test_partners_come_in_as_companies_and_persons(bring, fresh, data):
    found = brought(uploaded(bring, data, "res_partner.xlsx", fresh))
    assert {name: (account.kind, account.city, account.mail) for name, account in found.items()} == {
        "Deco Addict": ("company", "Pleasant Hill", "azure@example.com"), "Azure Interior": ("company", "Fremont", "vauxoo@yourcompany.example.com"), "Brandon Freeman": ("person", "Fremont", "brandon.freeman55@example.com"),
    }


def test_the_persons_of_leads_come_in_with_their_companies(bring, fresh, data):
    one = uploaded(bring, data, "crm_lead.xls", fresh)
    found = brought(one)
    assert {"Henry Jordan", "John M. Brown"} <= found.keys() and found["Henry Jordan"].job_title == "CEO"
    with one.door() as ctx:
        assert ctx.session.get(Account, found["Henry Jordan"].account_id).name == "E-light Industry"
    assert {code for _, _, code in one.said()} == {"required", "address_empty"}, "leads without a person stay out and are named; a country alone is no address"


def test_contacts_of_mailings_come_in(bring, fresh, data):
    found = brought(uploaded(bring, data, "mailing_contact.xls", fresh))
    assert len(found) == 7 and found["Beverly Bridge"].mail == "beverly.bridge@example.com"
