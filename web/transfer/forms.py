"""Forms of an import: the file, how it is written, what its columns become. And of the contact log as a file."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from wtforms import BooleanField, DateField, FileField, HiddenField, RadioField, SelectField
from wtforms.validators import Optional

from core.activities.queries import LogFilters
from core.base.context import Context
from core.base.errors import NotFound
from core.base.policy import may
from core.base.words import N_
from core.transfer import kinds
from core.transfer.fields import KEYS, TO_NOTES, Field, takes_extra, writable
from core.transfer.models import KINDS, ImportRun
from core.transfer.opening import first_lines
from infra.spreadsheets import ENCODINGS
from web.forms import Form
from web.transfer.columns import header_name

KIND_NAMES = {kind: kinds.of(kind).label for kind in KINDS}
MODE_NAMES = {
    "create": N_("Only add what is new"), "update": N_("Only change what is there"), "both": N_("Add what is new and change what is there"),
}
NEW_NAMES = {"new.text": N_("New field: text"), "new.decimal": N_("New field: number"), "new.date": N_("New field: date"), "new.yes_no": N_("New field: yes or no")}
WHOSE_NAMES = {"me": N_("Those that I follow up"), "": N_("All that I may see")}
PROBLEM_NAMES = {"skip": N_("Leave those rows out and import the others"), "stop": N_("Import nothing at all")}
DELIMITER_NAMES = {",": N_("Comma"), ";": N_("Semicolon"), "\t": N_("Tab"), "|": N_("Vertical bar")}
MARK_NAMES = {".": N_("Point, as in 1,234.56"), ",": N_("Comma, as in 1.234,56")}
DAY_NAMES = {"dmy": N_("Day first, as in 31/12/2026"), "mdy": N_("Month first, as in 12/31/2026")}
SCALE_NAMES = {1: N_("As they stand"), 1000: N_("In thousands"), 1_000_000: N_("In millions")}
ENCODING_NAMES = {
    "utf-8": "Unicode (UTF-8)", "utf-16-le": "Unicode (UTF-16 LE)", "utf-16-be": "Unicode (UTF-16 BE)", "cp1252": "Western (Windows-1252)",
    "cp1250": "Central European (Windows-1250)", "cp1251": "Кириллица (Windows-1251)", "gb18030": "简体中文 (GB18030)", "big5": "繁體中文 (Big5)",
    "cp949": "한국어 (CP949)", "cp932": "日本語 (CP932)", "cp1253": "Ελληνικά (Windows-1253)", "cp1254": "Türkçe (Windows-1254)",
    "cp1255": "עברית (Windows-1255)", "cp1256": "العربية (Windows-1256)", "mac_cyrillic": "Кириллица (Mac)", "koi8_r": "Кириллица (KOI8-R)",
}


class UploadForm(Form):
    """What the list is about, and the file."""

    kind = RadioField(N_("What is in the list"), choices=list(KIND_NAMES.items()), default="accounts")
    file = FileField(N_("File"), description=N_("CSV, Excel (XLSX, XLS), ODS, vCard or LDIF, up to 25 MB and 200,000 rows. Nothing is written before you have seen the result."))


class LogExportForm(Form):
    """Which entries of the contact log. account_id, contact_id: given by the buttons of their pages."""

    owner = RadioField(N_("Whose entries"), choices=list(WHOSE_NAMES.items()), default="", validate_choice=False)
    since = DateField(N_("First day"), [Optional()])
    until = DateField(N_("Last day"), [Optional()])
    account_id = HiddenField()
    contact_id = HiddenField()

    def filters(self) -> LogFilters:
        """Refuses keys that are none."""
        return LogFilters(
            account_id=_key(self.account_id), contact_id=_key(self.contact_id), owner=self.owner.data or None, since=self.since.data, until=self.until.data
        )


def _key(field: HiddenField) -> UUID | None:
    try:
        return UUID(field.data) if field.data else None
    except ValueError:
        raise NotFound() from None


class FormatForm(Form):
    """How the file is written, where the guess was wrong."""

    version = HiddenField()
    encoding = SelectField(N_("Encoding"), choices=[(name, ENCODING_NAMES[name]) for name in ENCODINGS])
    delimiter = SelectField(N_("Separator"), choices=list(DELIMITER_NAMES.items()))
    sheet = SelectField(N_("Sheet"), choices=[])
    header_row = SelectField(N_("The names of the columns stand in"), coerce=int, choices=[])

    def chosen(self) -> dict:
        """What was chosen, of the fields that this kind of file has."""
        return {name: self[name].data for name in ("encoding", "delimiter", "sheet", "header_row") if name in self}


class ColumnsForm(Form):
    """What happens to the rows; the columns' own fields are added by `columns_form`."""

    version = HiddenField()
    mode = RadioField(N_("What to do with the rows"), choices=list(MODE_NAMES.items()))
    key_field = SelectField(N_("Known records are found by"))
    on_problem = RadioField(N_("If rows have problems"), choices=list(PROBLEM_NAMES.items()))
    decimal_mark = SelectField(N_("Decimal sign"), choices=list(MARK_NAMES.items()))
    day_order = SelectField(N_("Dates"), choices=list(DAY_NAMES.items()))
    scale = SelectField(N_("Amounts are written"), choices=list(SCALE_NAMES.items()), coerce=int)
    fills_accounts = BooleanField(N_("Also fill empty fields of accounts that are there already"))

    def mapping(self, run: ImportRun) -> list[str]:
        """The target of each column, in the file's order."""
        return [self[f"c{index}"].data for index in range(len(run.header))]


def upload_form(ctx: Context, formdata: Any = None, data: Any = None) -> UploadForm:
    """With the kinds of records that he may bring in here."""
    form = UploadForm(formdata, data=data)
    form.kind.choices = [(room.kind, room.label) for room in kinds.offered(ctx)] or list(KIND_NAMES.items())[:1]
    return form


def in_words(form: Form, translate: Callable[[str], str]) -> Form:
    """Labels, hints and choices in the reader's language; the names of a file's columns stay as they are."""
    for field in form:
        if field.name[:1] == "c" and field.name[1:].isdigit():
            continue
        field.label.text, field.description = translate(field.label.text), translate(field.description) if field.description else ""
        if getattr(field, "choices", None):
            field.choices = [(value, translate(text)) for value, text in field.choices]
    return form


def label_of(field: Field, translate: Callable[[str], str]) -> str:
    """The name of a target; of the company's own where it is one of those."""
    return translate(N_("Company: %(field)s")) % {"field": translate(field.label)} if field.of_company else translate(field.label)


def format_form(ctx: Context, run: ImportRun, translate: Callable[[str], str], formdata=None) -> FormatForm:
    """The form for how this kind of file is read: a text has encoding and separator, a workbook sheets."""
    data = {"version": str(run.version), "encoding": run.encoding, "delimiter": run.delimiter, "sheet": run.sheet, "header_row": run.header_row}
    form = FormatForm(formdata, data=data)
    gone = {"csv": ("sheet",), "workbook": ("encoding", "delimiter")}.get(run.format, ("encoding", "delimiter", "sheet", "header_row"))
    for name in gone:
        del form[name]
    if "sheet" in form:
        form.sheet.choices = [(name, name) for name in run.sheets]
    if "header_row" in form:
        rows = [(number, f"{number}: " + " · ".join(filter(None, (cell.strip()[:24] for cell in row.cells[:6])))) for number, row in enumerate(first_lines(ctx, run), 1)]
        form.header_row.choices = [*rows, (0, translate(N_("No row: the list begins at once")))]
    for field in form:
        field.label.text = translate(field.label.text)
        if field.name in ("encoding", "delimiter"):
            field.choices = [(value, translate(text)) for value, text in field.choices]
    return form


def columns_form(ctx: Context, run: ImportRun, translate: Callable[[str], str], formdata=None) -> ColumnsForm:
    """The form for this file's columns, filled with what was guessed, remembered or sent."""
    fields = writable(ctx, run.kind)
    extra = [("custom", translate(N_("Keep as an extra value")))] if takes_extra(run) else []
    made = [(target, translate(text)) for target, text in NEW_NAMES.items()] if extra and may(ctx, "fields.configure") else []
    notes = [(TO_NOTES, translate(N_("Add to the notes")))] if "notes" in fields else []
    choices = [*extra, *notes, ("", translate(N_("Leave out"))), *((name, label_of(field, translate)) for name, field in fields.items()), *made]
    columns = {f"c{index}": SelectField(header_name(translate, run, index), choices=choices) for index in range(len(run.header))}
    made = type("FileColumnsForm", (ColumnsForm,), columns)
    now = {"version": str(run.version), "mode": run.mode, "key_field": run.key_field, "on_problem": run.on_problem, "decimal_mark": run.decimal_mark, "day_order": run.day_order, "scale": run.scale, "fills_accounts": run.fills_accounts}
    form = made(formdata, data=now | {f"c{index}": target for index, target in enumerate(run.mapping)})
    form.key_field.choices = [*((key, fields[key].label if key in fields else kinds.of(run).key_label) for key in KEYS[run.kind] if key in fields or kinds.of(run).key_label), *([("", N_("Nothing: every row is new"))] if kinds.of(run).without_key else [])]
    in_words(form, translate)
    return form
