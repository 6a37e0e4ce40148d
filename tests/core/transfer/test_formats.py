"""Workbooks, cards and directories all the way in; what programs' exports are called; companies in a person's row."""

import json
from io import BytesIO

import pytest
import xlsxwriter
from sqlalchemy import select

from core.base.errors import Refused
from core.parties.models import Account, Contact
from core.parties.reach_models import PostalAddress
from core.transfer import opening, queries, uploading
from core.transfer.cells import guess_day_order
from core.transfer.header_words import WORDS
from core.transfer.headers import FIELDS, compact, guess_mapping, is_english, origin_of
from infra import i18n


def book(*sheets):
    """A workbook of (name, rows)."""
    made = BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True, "default_date_format": "dd.mm.yyyy"}) as file:
        for name, rows in sheets:
            sheet = file.add_worksheet(name)
            for line, cells in enumerate(rows):
                sheet.write_row(line, 0, cells)
    return made.getvalue()


def accounts_of(one, *names):
    with one.door() as ctx:
        return {found.name: found for found in ctx.session.execute(select(Account).where(Account.name.in_(names), Account.deleted_at.is_(None))).scalars()}


def test_a_workbook_comes_in_by_its_values_not_by_how_they_look(bring):
    rows = [["Customers"], [], ["Name", "Employees", "Annual revenue", "Phone"], ["Xilo", 1200, 1.125, 34600112233], ["Yuca", 3, 0.1 + 0.2, "+34 600"]]
    one = bring().upload(book(("List", rows), ("Other", [["Name"], ["Zeta"]])), name="list.xlsx")
    assert (one.row.format, one.row.sheets, one.row.header_row, one.row.header) == ("workbook", ["List", "Other"], 2, rows[2])
    one.choose(decimal_mark=",", key_field="name").check().run()
    found = accounts_of(one, "Xilo", "Yuca")
    assert (found["Xilo"].employees, str(found["Xilo"].annual_revenue), found["Xilo"].phone) == (1200, "1.13", "34600112233")
    assert str(found["Yuca"].annual_revenue) == "0.30"


def test_another_sheet_is_chosen_and_the_old_rows_go(bring):
    one = bring().upload(book(("A", [["name"], ["Ada"]]), ("B", [["company", "city"], ["Bodo", "Ulm"]])), name="two.xlsx")
    with one.door() as ctx:
        run = queries.one(ctx, one.id)
        before = opening.file_of(ctx, run)
        uploading.choose_form(ctx, run, version=run.version, sheet="B")
    assert one.row.header == ["company", "city"] and not before.exists()
    with one.door() as ctx, pytest.raises(Refused):
        run = queries.one(ctx, one.id)
        uploading.choose_form(ctx, run, version=run.version, sheet="C")
    assert one.check().counts == {"create": 1}


def test_the_row_of_names_is_chosen_for_a_text_too(bring):
    one = bring().upload("A list of ours,\nname,city\nHeaded,Ulm\n")
    with one.door() as ctx:
        run = queries.one(ctx, one.id)
        uploading.choose_form(ctx, run, version=run.version, header_row=2)
    assert one.row.header == ["name", "city"] and one.check().counts == {"create": 1}


def test_a_list_without_names_of_columns_is_seen_by_its_addresses(bring, data):
    one = bring().upload((data / "thunderbird-addressbook" / "csv_no_header.csv").read_bytes(), kind="contacts")
    assert (one.row.header_row, one.row.header) == (0, ["Column 1", "Column 2", "Column 3", "Column 4"])


def test_an_error_of_a_workbook_is_a_problem_of_its_cell(bring, data):
    one = bring().upload((data / "spreadsheets" / "errors.xlsx").read_bytes(), name="errors.xlsx").choose(mapping=["name"], key_field="").check()
    assert {code for _, _, code in one.said()} == {"cell_error"}


@pytest.mark.parametrize("content,code", [(b"PK\x03\x04" + b"\0" * 99, "file_damaged"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "file_damaged")])
def test_what_is_no_workbook_is_refused_with_a_word(bring, content, code):
    with pytest.raises(Refused) as refusal:
        bring().upload(content, name="x.xlsx")
    assert refusal.value.code == code


def test_cards_come_in_as_people_with_their_companies(bring, data):
    one = bring().upload((data / "vcard-devices" / "issue114.vcf").read_bytes(), kind="contacts", name="cards.vcf")
    assert one.row.format == "vcard"
    one.choose(key_field="name").check().run()
    with one.door() as ctx:
        person = ctx.session.execute(select(Contact).where(Contact.name == "Dummy, Dummy")).scalar_one()
        company = ctx.session.get(Account, person.account_id)
        assert (person.mail, person.phone, person.mobile, company.name, company.city, company.postcode) == (
            "dummy.dummy@dummy.com", "+49 9876 54321", "+49 1234 56789", "Dummy GmbH", "Bad Homburg", "61352"
        )


def test_a_directory_comes_in_as_people(bring, data):
    one = bring().upload((data / "thunderbird-addressbook" / "basic_ldif_addressbook.ldif").read_bytes(), kind="contacts", name="book.ldif")
    assert one.row.format == "ldif" and one.row.mapping[one.row.header.index("Company")] == "account"
    kept = ["custom" if target in ("mail", "mail_2", "account_country", "account_website") else target for target in one.row.mapping]  # host.invalid is nobody's
    assert one.choose(mapping=kept, key_field="name").check().said() == [] and one.run().counts["created"] == 1


def test_further_numbers_go_into_the_notes_by_choice(bring):
    one = bring().upload("name,phone,Fax,notes\nNoted,+34 600 111 222,22 33,old\n", kind="contacts").choose(mapping=["name", "phone", "to_notes", "notes"], key_field="").check().run()
    with one.door() as ctx:
        assert ctx.session.execute(select(Contact.notes).where(Contact.name == "Noted")).scalar_one() == "old\nFax: 22 33"


def test_a_person_s_row_fills_its_company_only_where_that_was_chosen_and_empty(bring, house):
    bring().upload("name,city\nFilled Ltd,Ulm\n").choose(key_field="").check().run()
    text = "name,company,Business City,Business Street\nFill {n},Filled Ltd,Bonn,Ring 1\n"
    first = bring().upload(text.format(n=1), kind="contacts").choose(key_field="").check().run()
    assert accounts_of(first, "Filled Ltd")["Filled Ltd"].street is None
    second = bring().upload(text.format(n=2), kind="contacts").choose(key_field="", fills_accounts=True).check().run()
    found = accounts_of(second, "Filled Ltd")["Filled Ltd"]
    assert (found.city, found.street) == ("Ulm", "Ring 1")
    second.undo()
    found = accounts_of(second, "Filled Ltd")["Filled Ltd"]
    assert (found.city, found.street) == ("Ulm", None)


# ---- what programs' columns become ----

TRUTH = {
    ("google_contacts_before_2024", None): ("google", "contacts", {
        "Name": "name", "Birthday": "birthday", "Occupation": "job_title", "Notes": "notes", "Language": "language", "Group Membership": "tags",
        "E-mail 1 - Value": "mail", "Phone 1 - Value": "phone", "Phone 2 - Value": "mobile",
    }),
    ("google_contacts_2024", None): ("google", "contacts", {
        "First Name": "first_name", "Last Name": "last_name", "Organization Name": "account", "Organization Title": "job_title", "Birthday": "birthday",
        "Notes": "notes", "Labels": "tags", "E-mail 1 - Value": "mail", "E-mail 2 - Value": "mail_2", "Phone 1 - Value": "phone", "Website 1 - Value": "account_website",
        "Address 1 - Street": "street", "Address 1 - City": "city", "Address 1 - Region": "region", "Address 1 - Postal Code": "postcode", "Address 1 - Country": "country",
    }),
    ("outlook_desktop", None): ("outlook", "contacts", {
        "First Name": "first_name", "Last Name": "last_name", "Company": "account", "Job Title": "job_title", "Business Street": "account_street",
        "Business City": "account_city", "Business State": "account_region", "Business Postal Code": "account_postcode",
        "Business Country/Region": "account_country", "Business Phone": "phone", "Company Main Phone": "account_phone", "Mobile Phone": "mobile",
        "Birthday": "birthday", "Categories": "tags", "E-mail Address": "mail", "E-mail 2 Address": "mail_2", "E-mail 3 Address": "mail_3", "Home Phone": "phone_2", "Home Phone 2": "phone_3",
        "Language": "language", "Notes": "notes", "Web Page": "account_website", "Referred By": "referred_by_id",
        "Home Street": "street", "Home City": "city", "Home State": "region", "Home Postal Code": "postcode", "Home Country/Region": "country",
    }),
    ("hubspot", "contacts"): ("hubspot", "contacts", {
        "Record ID": "external_id", "First Name": "first_name", "Last Name": "last_name", "Email": "mail", "Phone Number": "phone",
        "Mobile Phone Number": "mobile", "Job Title": "job_title", "Company Name": "account", "Contact owner": "owner_id",
    }),
    ("hubspot", "companies"): ("hubspot", "accounts", {
        "Record ID": "external_id", "Company name": "name", "Company Domain Name": "website", "Company owner": "owner_id", "Industry": "industry", "Country/Region": "country",
    }),
}


@pytest.mark.parametrize("name,part", TRUTH)
def test_the_columns_of_exports_become_the_right_fields(data, name, part):
    origin, kind, truth = TRUTH[name, part]
    headers = json.loads((data / "contact-export-headers" / "headers.json").read_text())[name]
    header = headers[part] if part else headers
    mapping = guess_mapping(kind, header)
    assert origin_of(header) == origin
    assert {column: target for column, target in zip(header, mapping, strict=True) if target not in ("", "custom")} == truth


@pytest.mark.parametrize("origin,kind,header,truth", [
    ("pipedrive", "contacts", "Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Owner", ["name", "account", "mail", "phone", "owner_id"]),
    ("pipedrive", "accounts", "Organization - Name,Organization - Address,Organization - ID,Organization - Owner", ["name", "street", "external_id", "owner_id"]),
    ("salesforce", "contacts", "ID,ACCOUNTID,LASTNAME,FIRSTNAME,MOBILEPHONE,EMAIL,TITLE,OWNERID", ["external_id", "custom", "last_name", "first_name", "mobile", "mail", "job_title", "custom"]),
    ("thunderbird", "contacts", "Display Name,Primary Email,Screen Name,Work Phone,Organization,Work City,Birth Day", ["name", "mail", "custom", "phone", "account", "account_city", "custom"]),
    (None, "accounts", "name,city,phone", ["name", "city", "phone"]),
])
def test_other_programs_are_known_too(origin, kind, header, truth):
    columns = header.split(",")
    assert (origin_of(columns), guess_mapping(kind, columns)) == (origin, truth)


def test_a_sheet_that_is_refused_leaves_the_one_before(bring):
    one = bring().upload(book(("A", [["name"], ["Adalbert"]]), ("B", [["a title alone"]])), name="two.xlsx")
    with one.door() as ctx:
        run = queries.one(ctx, one.id)
        with pytest.raises(Refused, match="file_empty"), ctx.session.begin_nested():
            uploading.choose_form(ctx, run, version=run.version, sheet="B")
    assert one.row.sheet == "A" and one.check().counts == {"create": 1}


def test_two_columns_of_one_name_are_both_kept(bring):
    one = bring().upload("name,Remark X,remark x,Remark-X\nDoubled,one,two,three\n").choose(mapping=["name", "custom", "custom", "custom"], key_field="name").check().run()
    assert accounts_of(one, "Doubled")["Doubled"].custom == {"remark_x": "one", "remark_x_2": "two", "remark_x_3": "three"}


def test_rows_left_out_come_again_without_the_reasons_that_stand_beside_them():
    for language in i18n.LANGUAGES:
        line, problem = (i18n.gettext(language, title) for title in ("Line", "Problem"))
        assert guess_mapping("accounts", [line, problem, "name", "Colour"]) == ["", "", "name", "custom"], language
    assert guess_mapping("accounts", ["name", "Line", "Problem"]) == ["name", "custom", "custom"]


PERSON = ["first_name", "last_name", "account", "mail", "phone", "mobile", "postcode", "city", "street", "country", "birthday"]


@pytest.mark.parametrize("header", [
    "Vorname,Nachname,Firma,E-Mail,Telefon,Mobil,PLZ,Ort,Straße,Land,Geburtstag", "Vorname,Name,Unternehmen,E-Mail-Adresse,Tel.,Handy,Postleitzahl,Stadt,STRASSE,Land,Geburtsdatum",
    "Prénom,Nom,Société,Courriel,Téléphone,Portable,Code postal,Ville,Rue,Pays,Date de naissance", "Nome,Cognome,Azienda,Email,Telefono,Cellulare,CAP,Città,Indirizzo,Paese,Data di nascita",
    "Nome,Sobrenome,Empresa,E-mail,Telefone,Telemóvel,CEP,Cidade,Rua,País,Data de nascimento", "Voornaam,Naam,Bedrijf,E-mailadres,Telefoon,Mobiel,Postcode,Plaats,Straat,Land,Geboortedatum",
    "Imię,Nazwisko,Firma,E-mail,Telefon,Telefon komórkowy,Kod pocztowy,Miasto,Ulica,Kraj,Data urodzenia", "Nombre,Apellidos,Empresa,Correo,Teléfono,Móvil,Código postal,Ciudad,Calle,País,Fecha de nacimiento",
    "Имя,Фамилия,Компания,Почта,Телефон,Мобильный,Индекс,Город,Улица,Страна,Дата рождения", "名,姓,公司,邮箱,电话,手机,邮编,城市,街道,国家,生日", "이름(이름),성,회사,이메일,전화,휴대폰,우편번호,도시,주소,국가,생일",
])
def test_lists_of_people_are_understood_in_the_languages_of_our_customers(header):
    assert guess_mapping("contacts", header.split(",")) == PERSON


def test_a_lone_name_is_the_whole_name():
    assert guess_mapping("contacts", ["Name", "Firma"]) == ["name", "account"]
    assert guess_mapping("contacts", ["Nome", "Azienda"]) == ["name", "account"]
    assert guess_mapping("contacts", ["First name", "Name"]) == ["custom", "name"]


@pytest.mark.parametrize("kind", ["accounts", "contacts"])
def test_no_word_of_a_header_means_two_fields(kind):
    meant: dict[str, set[str]] = {}
    for field, languages in WORDS[kind].items():
        assert field in FIELDS[kind]
        for word in "|".join(languages.values()).split("|"):
            meant.setdefault(compact(word), set()).add(field)
    for field, words in FIELDS[kind].items():
        for word in words.split("|"):
            if compact(word) in meant:
                meant[compact(word)].add(field)
    assert {word: fields for word, fields in meant.items() if len(fields) > 1 and fields != {"account_website"}} == {}


@pytest.mark.parametrize("cells,chosen,is_english,order", [
    (["01/02/2020", "13/02/2020"], "us", True, "dmy"), (["01/02/2020", "02/13/2020"], "dots", False, "mdy"),  # the rows prove it
    (["01/02/2020"], "slashes", True, "dmy"), (["01/02/2020"], "us", False, "mdy"), (["01/02/2020"], "", False, "dmy"), (["01/02/2020"], "iso", True, "mdy"),
])
def test_the_order_of_day_and_month_is_proved_else_the_reader_s_else_the_file_s(cells, chosen, is_english, order):
    assert guess_day_order(cells, "en", chosen, is_english) == order


def test_the_language_of_a_header():
    assert [is_english("contacts", header.split(",")) for header in ("Name,Birthday", "Name,Geburtstag", "name,生日", "Name,Mobile,Website")] == [True, False, False, True]


def test_a_german_list_comes_in_with_its_countries_and_days(bring):
    one = bring().upload("Vorname;Name;Firma;PLZ;Ort;Straße;Land;Geburtstag;Erstkontakt\nAda;Vogel;Vogel GmbH;28195;Bremen;Am Wall 1;Deutschland;03/04/1980;25/04/2020\n", kind="contacts")
    assert one.row.day_order == "dmy"
    one.choose(key_field="name").check().run()
    with one.door() as ctx:
        contact = ctx.session.scalar(select(Contact).where(Contact.name == "Ada Vogel"))
        country = ctx.session.scalar(select(PostalAddress.country).where(PostalAddress.contact_id == contact.id))
        assert (contact.birthday.isoformat(), country) == ("1980-04-03", "DE")
