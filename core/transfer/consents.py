"""Consents and the lawful basis in lists of contacts: a column for each purpose that is in use, out as what stands, in as lines of the ledger.

A file never takes a person's no away: who has withdrawn, or objects to advertising by mail, keeps that, and his row says so in a note.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select

from core.base.context import Context
from core.base.errors import Refused
from core.base.hiding import unhidden
from core.base.policy import has
from core.base.text import clean
from core.base.words import N_
from core.consent import many
from core.consent.many import Said
from core.consent.models import ALL_BASES
from core.consent.queries import purposes
from core.consent.words import ALL_BASIS_LABELS
from core.parties.models import Contact
from core.transfer import cells, further, noting
from core.transfer.cells import Reading
from core.transfer.headers import compact
from core.transfer.models import ImportRun
from core.transfer.noting import Notes, note_of
from core.transfer.texts import word_in
from infra import i18n

CONSENT, PROOF, BASIS = "consent.", "consent_proof", "lawful_basis"
COLUMN = N_("Consent: %(purpose)s")
LABELS = {PROOF: N_("Proof of consent"), BASIS: N_("Lawful basis")}
SAYS = {True: N_("Agreed"), False: N_("Withdrew")}
NAMED_SO = {PROOF: "consent proof|consent source|opt in source", BASIS: "legal basis|legal basis for processing contact's data"}


def named(ctx: Context) -> dict[str, str]:
    """Target -> name of the purpose, of all that are in use; asked once a transaction."""
    kept = ctx.session.info.setdefault("consent_columns", {})
    if ctx.actor.id not in kept:
        kept[ctx.actor.id] = {f"{CONSENT}{one.id}": one.name for one in purposes(ctx, running=True)}
    return kept[ctx.actor.id]


def labels(ctx: Context) -> dict[str, str]:
    """Target -> what it is called, in the reader's language."""
    column = i18n.gettext(ctx.locale, COLUMN)
    return {target: column % {"purpose": name} for target, name in named(ctx).items()} | {target: i18n.gettext(ctx.locale, text) for target, text in LABELS.items()}


def offered(ctx: Context, kind: str) -> dict[str, str]:
    """The targets that a column may become, for whoever may record consents, with their names."""
    return labels(ctx) if kind == "contacts" and has(ctx, "consents.record") and has(ctx, "contacts.edit") else {}


def columns(ctx: Context, kind: str) -> dict[str, str]:
    """The columns of an export, for whoever may see consents, with what stands above them for programs."""
    if kind != "contacts" or not has(ctx, "consents.read"):
        return {}
    return {target: f"{CONSENT}{name}" for target, name in named(ctx).items()} | {BASIS: BASIS}


def is_consent(target: str) -> bool:
    """Does a column say something of consents or of the lawful basis?"""
    return target.startswith(CONSENT) or target in LABELS


def guess(ctx: Context, kind: str, header: list[str], targets: list[str]) -> list[str]:
    """The targets with columns that are called like a purpose led there, and what is gone led nowhere."""
    known = offered(ctx, kind)
    found = ["custom" if is_consent(target) and target not in known else target for target in targets]
    called = _called(ctx) if known else {}
    for index, target in enumerate(found):
        name = called.get(compact(header[index])) if target == "custom" else None
        if name and name not in found:
            found[index] = name
    return found


def _called(ctx: Context) -> dict[str, str]:
    """Compact name of a column -> target: as our files call it in any language, and as programs do."""
    found = {compact(name): target for target, names in NAMED_SO.items() for name in (target, *names.split("|"))}
    for language in i18n.LANGUAGES:
        found |= {compact(i18n.gettext(language, text)): target for target, text in LABELS.items()}
        found |= {compact(i18n.gettext(language, COLUMN) % {"purpose": name}): target for target, name in named(ctx).items()}
    return found | {compact(f"{CONSENT}{name}"): target for target, name in named(ctx).items()}


def reader(target: str) -> Callable[[str, Reading], Any]:
    """What reads a cell of that column."""
    if target == PROOF:
        return lambda cell, reading: (clean(cell, field=PROOF, max_length=300) or "").removeprefix(many.TAKEN_BACK) or None
    return _read_basis if target == BASIS else _read_said


def _read_said(cell: str, reading: Reading) -> str:
    """yes, no or withdrew: a yes is written down, "withdrew" too; a plain no says only that a yes which stands does so no longer."""
    word = word_in(cell, {"yes": SAYS[True], "withdrew": SAYS[False]})
    return word or ("yes" if cells.read_yes(cell, reading) else "no")


def _read_basis(cell: str, reading: Reading) -> str:
    found = word_in(cell, {name: ALL_BASIS_LABELS[name] for name in ALL_BASES})
    if found is None:
        raise Refused("basis_unknown", value=cells.shown(cell))
    return found


# ---- out ----


def out(ctx: Context, records: Sequence[Any], known: set[str]) -> Callable[[Any], dict[str, Any]]:
    """record -> what stands in those of these columns; asked for many records at once."""
    targets = sorted(target for target in known if target.startswith(CONSENT))
    stands = many.standing_of_many(ctx, {one.id: one.mail_norm for one in records}, [_purpose(target) for target in targets])
    bases = many.bases_of_many(ctx, [one.id for one in records]) if BASIS in known else {}

    def more(record: Any) -> dict[str, Any]:
        said = {target: stands.get((record.id, _purpose(target))) for target in targets}
        found = {target: None if given is None else i18n.gettext(ctx.locale, SAYS[given]) for target, given in said.items()}
        basis = bases.get(record.id)
        return found | ({BASIS: basis and i18n.gettext(ctx.locale, ALL_BASIS_LABELS[basis])} if BASIS in known else {})

    return more


# ---- in ----


def doubts(ctx: Context, run: ImportRun, rows: Sequence[Any]) -> Notes:
    """line -> what of these rows will not be written down, and why."""
    rows = [row for row in rows if any(target in row.values for target in run.mapping if is_consent(target))]
    if not rows:
        return {}
    known = _mails(ctx, [row.record_id for row in rows])
    people = {row.record_id: row.values.get("mail_norm") or known.get(row.record_id) for row in rows}
    stands = many.bases_of_many(ctx, people) if BASIS in run.mapping else {}
    others = {row.record_id for row in rows if row.values.get(BASIS) and stands.get(row.record_id, row.values[BASIS]) != row.values[BASIS]}
    return _notes(run, rows, many.refusals(ctx, people, list(_said(run, rows))), others)


def coming(ctx: Context, run: ImportRun, rows: Sequence[Any], known: Mapping[UUID, Any]) -> dict[int, list[tuple[str, Any, Any]]]:
    """line -> (column, what stands, what will) of known people, before an import runs; nothing for whoever may not see consents."""
    mapped = set(columns(ctx, run.kind)).intersection(run.mapping)
    rows = [row for row in rows if mapped.intersection(row.values)]
    if not rows:
        return {}
    stands, refused = out(ctx, [known[row.record_id] for row in rows], mapped), many.refusals(ctx, {row.record_id: known[row.record_id].mail_norm for row in rows}, list(_said(run, rows)))
    return {row.line: [one for target in sorted(mapped.intersection(row.values)) if (one := _coming(ctx, row, target, stands(known[row.record_id])[target], refused))] for row in rows}


def _coming(ctx: Context, row: Any, target: str, now: str | None, refused: Mapping[tuple[UUID, UUID], str]) -> tuple[str, Any, Any] | None:
    if target == BASIS:
        return None if now else (target, None, i18n.gettext(ctx.locale, ALL_BASIS_LABELS[row.values[BASIS]]))
    return None if (row.record_id, _purpose(target)) in refused else (target, now, i18n.gettext(ctx.locale, SAYS[row.values[target] == "yes"]))


def give(ctx: Context, run: ImportRun, first: int, last: int) -> None:
    """Write down what these lines say; what was written is kept in the row, what was not in its notes."""
    rows = further.written(ctx, run, first, last, [target for target in run.mapping if is_consent(target)])
    if not rows:
        return
    made, refused = many.record_many(ctx, list(_said(run, rows)))
    bases, others = many.set_many(ctx, {row.record_id: (row.values[BASIS], _proof(run, row)) for row in rows if row.values.get(BASIS)})
    noting.renew(ctx, run, targets(run), [row.line for row in rows], _notes(run, rows, refused, others))
    new = {key: [str(one) for one in (*made.get(key, ()), *([bases[key]] if key in bases else []))] for key in {*made, *bases}}
    kept = [{"line": row.line, "further": new[row.record_id], "was": None} for row in rows if row.record_id in new]
    if kept:
        further.keep(ctx, run, kept)


def take_back(ctx: Context, run: ImportRun, mine: ColumnElement[bool]) -> None:
    """What rows that are undone wrote down holds no longer: a yes gets a further line, a basis goes. A no stays."""
    if targets(run):
        keys = [UUID(key) for key in further.brought(ctx, mine)]
        many.take_back(ctx, keys)
        many.unset_many(ctx, keys)


def targets(run: ImportRun) -> list[str]:
    """The columns of a file that say something of consents."""
    return [target for target in run.mapping if is_consent(target)]


def _said(run: ImportRun, rows: Sequence[Any]) -> Iterator[Said]:
    for row in rows:
        for target in run.mapping:
            if target.startswith(CONSENT) and (word := row.values.get(target)):
                yield Said(row.record_id, _purpose(target), word == "yes", _proof(run, row), certain=word != "no")


def _proof(run: ImportRun, row: Any) -> str:
    """What the file says, else which line of which file it was."""
    return row.values.get(PROOF) or f"{run.file_name}, {row.line}"


def _notes(run: ImportRun, rows: Sequence[Any], refused: Mapping[tuple[UUID, UUID], str], others: set[UUID]) -> Notes:
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        for target in targets(run):
            code = refused.get((row.record_id, _purpose(target))) if target.startswith(CONSENT) and row.values.get(target) else None
            if code and code != many.SAME:
                found.setdefault(row.line, []).append(note_of(run, target, code))
            if target == BASIS and row.record_id in others:
                found.setdefault(row.line, []).append(note_of(run, target, "basis_there"))
    return found


def _purpose(target: str) -> UUID:
    return UUID(target.removeprefix(CONSENT))


def _mails(ctx: Context, keys: Sequence[UUID]) -> dict[UUID, str | None]:
    with unhidden(ctx.session):  # asked only under its hash
        return dict(tuple(row) for row in ctx.session.execute(select(Contact.id, Contact.mail_norm).where(Contact.id.in_(keys))))
