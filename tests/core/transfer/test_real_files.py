"""Real files come in with the counts that their authors give."""

from uuid import uuid4

from sqlalchemy import select

from core.parties.models import Account, Contact
from tests.support.world import House


def all_accounts(ctx):
    return {account.name: account for account in ctx.session.execute(select(Account).where(Account.deleted_at.is_(None))).scalars()}


def test_the_maven_accounts_come_in_whole_with_their_parents(bring, data, app):
    content = (data / "crm-maven-sales" / "accounts.csv").read_bytes()
    one = bring(at=House(f"m{uuid4().hex[:6]}")).upload(content, name="accounts.csv")
    assert one.row.mapping == ["name", "industry", "founded_year", "annual_revenue", "employees", "country", "parent"]
    one.choose(scale=1_000_000).check()
    assert one.counts == {"create": 85, "noted": 13}
    one.run()
    with one.door() as ctx:
        found = all_accounts(ctx)
    assert len(found) == 85 and one.counts["created"] == 85
    by_id = {account.id: account.name for account in found.values()}
    parents = {account.name: by_id[account.parent_id] for account in found.values() if account.parent_id}
    lines = [line.split(",") for line in content.decode().splitlines()[1:]]
    assert parents == {line[0]: line[6] for line in lines if line[6]} and len(parents) == 15
    acme = found["Acme Corporation"]
    assert (acme.founded_year, acme.employees, str(acme.annual_revenue), acme.industry) == (1996, 2822, "1100040000.00", "technolgy")
    assert found["Bioholding"].country == "Philipines"


def test_misspelt_words_are_kept_and_named(bring, data, house):
    one = bring().upload((data / "crm-maven-sales" / "accounts.csv").read_bytes()).choose(key_field="", scale=1_000_000).check()
    said = one.said()
    assert {code for _, _, code in said} == {"unusual_word"}
    assert sum(column == 1 for _, column, _ in said) == 12 and [line for line, column, _ in said if column == 5] == [5]


def test_a_hundred_accounts_of_salesforce_come_in(bring, data, house):
    one = bring().upload((data / "salesforce-dataloader" / "insertAccountCsv.csv").read_bytes())
    assert one.row.mapping == ["name", "custom", "phone", "custom", "website", "annual_revenue", "custom"]
    one.choose(key_field="name").check().run()
    assert one.counts == {"created": 100}
    with one.door() as ctx:
        last = all_accounts(ctx)["account insert #99"]
    assert (last.website, last.phone, str(last.annual_revenue)) == ("http://www.accountInsert99.com", "415-555-0099", "99000.00")
    assert last.custom == {"type": "Account", "accountnumber__c": "ACCT_99", "oracle_id__c": "1-00099"}


def test_a_hundred_accounts_of_salesforce_are_updated_by_their_ids(bring, data, house):
    content = (data / "salesforce-dataloader" / "updateAccountCsvTemplate.csv").read_bytes()
    ids = [line.split(b",")[0].decode() for line in content.splitlines()[1:]]
    before = "ID,NAME\n" + "".join(f"{key},before {key}\n" for key in ids)
    assert bring().upload(before).choose(mode="create", key_field="external_id").check().run().counts == {"created": 100}
    one = bring().upload(content)
    assert one.row.mapping == ["external_id", "name", "website", "annual_revenue", "phone"] and one.row.key_field == "external_id"
    assert one.choose(mode="update").check().run().counts == {"updated": 100}
    with one.door() as ctx:
        found = ctx.session.execute(select(Account).where(Account.external_id == "001x00000035m0iAAA")).scalar_one()
    assert (found.name, found.website, found.version) == ("account Update #0", "http://www.accountUpdate0.com", 2)


def test_rich_text_stays_text(bring, data, house):
    bring().upload((data / "salesforce-dataloader" / "accountsForInsert.csv").read_bytes()).choose(mode="create", key_field="name").check().run()
    with house.ctx() as ctx:
        found = all_accounts(ctx)
    assert found["Company B"].custom == {"richtext": "<p>    4 leading spaces and 2 trailing spaces  </p>"}
    assert (found["Company A"].employees, found["Company A"].industry) == (25, "Heavy Industry")


def test_a_time_with_z_is_the_date_where_the_reader_is(bring, data, house):
    content = (data / "salesforce-dataloader" / "dateOnlyWithTimeZone.csv").read_bytes()
    one = bring().upload(content, kind="contacts")
    mapping = ["birthday" if name == "DATE_ONLY" else "name" if name == "NAME" else "" for name in one.row.header]
    one.choose(mapping=mapping, key_field="").check().run()
    with house.ctx() as ctx:
        days = ctx.session.execute(select(Contact.birthday).where(Contact.name.like("account insert%"))).scalars().all()
    assert [day.isoformat() for day in days] == ["2010-10-14", "2010-10-14"]


def test_numbers_of_a_german_list_are_read_as_its_converted_twin(data):
    from core.transfer.cells import guess_decimal_mark, read_number
    from infra.spreadsheets import read_rows

    folder = data / "csv-dialects" / "csvkit"
    german = next(read_rows(folder / "test_locale.csv")[1]).cells[:2]
    converted = next(read_rows(folder / "test_locale_converted.csv")[1]).cells[:2]
    assert guess_decimal_mark(german) == ","
    assert [read_number(cell, ",") for cell in german] == [read_number(cell, ".") for cell in converted]


def test_columns_of_the_usual_programs_are_recognised(data):
    import json

    from core.transfer.headers import guess_mapping

    known = json.loads((data / "contact-export-headers" / "headers.json").read_text())
    google = dict(zip(known["google_contacts_2024"], guess_mapping("contacts", known["google_contacts_2024"]), strict=True))
    assert {"First Name": "first_name", "E-mail 1 - Value": "mail", "Organization Name": "account", "Labels": "tags"}.items() <= google.items()
    outlook = dict(zip(known["outlook_desktop"], guess_mapping("contacts", known["outlook_desktop"]), strict=True))
    assert {"Company": "account", "Business Phone": "phone", "Mobile Phone": "mobile", "Birthday": "birthday"}.items() <= outlook.items()
    assert "custom" in outlook.values() and "" not in outlook.values()
