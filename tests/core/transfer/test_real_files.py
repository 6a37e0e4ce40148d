"""Real files come in with the counts that their authors give."""

from sqlalchemy import func, select

from core.parties.models import Account


def all_accounts(ctx):
    return {account.name: account for account in ctx.session.execute(select(Account).where(Account.deleted_at.is_(None))).scalars()}


def test_the_maven_accounts_come_in_whole_with_their_parents(bring, data):
    content = (data / "crm-maven-sales" / "accounts.csv").read_bytes()
    one = bring().upload(content, name="accounts.csv")
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
