"""Own fields for programs: what is defined, and defining it."""

from typing import Annotated, Any
from uuid import UUID

from pydantic import Field

from core.base import policy
from core.base.context import Context
from core.base.words import N_
from core.custom_fields import actions, queries
from core.custom_fields.fields import own_of
from core.custom_fields.models import KINDS, CustomField
from web.api import shell
from web.api.shell import Column

bp = shell.api_blueprint("custom_fields_api")
Label = Annotated[str, Field(min_length=1, max_length=60)]


class OptionBody(shell.Body):
    """One value of a choice. key: made of the label where it is not given."""

    key: Annotated[str, Field(max_length=60)] | None = None
    label: Label
    colour: Annotated[str, Field(max_length=20)] = "grey"
    archived: bool = False


class ConditionBody(shell.Body):
    """When a field is shown: another field of the record, a comparison (eq, ne, in, has, filled, empty), a value."""

    field: Annotated[str, Field(max_length=70)]
    op: Annotated[str, Field(max_length=10)]
    value: Any = None


class CustomFieldPatch(shell.Body):
    """Changes of a definition; what is absent stays as it is. kind: only a wider one (text to long_text, whole to decimal,
    choice to choices)."""

    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})] | None = None
    label: Label | None = None
    labels: Annotated[dict[str, str], Field(max_length=10)] | None = None
    help: Annotated[str, Field(max_length=200)] | None = None
    options: Annotated[list[OptionBody], Field(max_length=200)] | None = None
    is_required: bool | None = None
    is_unique: bool | None = None
    preset: Any = None
    shown_when: ConditionBody | None = None
    section: Annotated[str, Field(max_length=60)] | None = None
    in_list: bool | None = None
    is_searched: bool | None = None
    is_personal: bool | None = None

    def given(self) -> dict[str, Any]:
        found = super().given()
        if found.get("options") is not None:
            found["options"] = [one.model_dump(exclude_none=True) for one in found["options"]]
        if found.get("shown_when") is not None:
            found["shown_when"] = found["shown_when"].model_dump(exclude_none=True)
        return found


class CustomFieldIn(CustomFieldPatch):
    """A field to define. key: made of the label where it is not given; it never changes."""

    room: Annotated[str, Field(max_length=40)]
    kind: Annotated[str, Field(json_schema_extra={"enum": list(KINDS)})]
    label: Label
    key: Annotated[str, Field(max_length=60)] | None = None


class CustomFieldOut(shell.Out):
    """A definition. key: under which the values stand in `custom`."""

    id: UUID
    version: int
    room: str
    key: str
    kind: str
    label: str
    labels: dict[str, str]
    help: str | None
    options: list[dict[str, Any]]
    is_required: bool
    is_unique: bool
    preset: Any
    shown_when: dict[str, Any] | None
    section: str | None
    position: int
    in_list: bool
    is_searched: bool
    is_personal: bool
    archived_at: shell.Moment | None
    created_at: shell.Moment
    updated_at: shell.Moment

    @classmethod
    def of(cls, record: CustomField) -> "CustomFieldOut":
        values = {name: getattr(record, name) for name in cls.model_fields if name not in ("preset", "shown_when")}
        return cls(**values, preset=own_of(record).preset, shown_when=record.shown_when or None)


class ErasureIn(shell.Body):
    """label: the field's, typed: what is erased does not come back."""

    label: Annotated[str, Field(max_length=60)] = ""


FIELDS = shell.Listing({
    "id": Column(CustomField.id), "room": Column(CustomField.room), "key": Column(CustomField.key), "kind": Column(CustomField.kind, choices=KINDS),
    "position": Column(CustomField.position, sort=True), "archived_at": Column(CustomField.archived_at, ops=("null",)),
}, default="position")


@shell.resource_route(bp, "GET", "/custom-fields", "fields.configure", listing=FIELDS, answer=CustomFieldOut, summary=N_("List the workspace's own fields"))
def list_custom_fields(ctx: Context, asked):
    return asked.page(ctx, policy.visible(ctx, CustomField))


@shell.resource_route(bp, "POST", "/custom-fields", "fields.configure", body=CustomFieldIn, answer=CustomFieldOut, status=201, summary=N_("Define a field"))
def create_custom_field(ctx: Context, body):
    return actions.create_field(ctx, **body.given())


@shell.resource_route(bp, "GET", "/custom-fields/<uuid:id>", "fields.configure", answer=CustomFieldOut, summary=N_("Get a field's definition"))
def get_custom_field(ctx: Context, id: UUID):
    return queries.one(ctx, id)


@shell.resource_route(bp, "PATCH", "/custom-fields/<uuid:id>", "fields.configure", body=CustomFieldPatch, answer=CustomFieldOut, versioned=True, summary=N_("Change a field's definition"))
def change_custom_field(ctx: Context, id: UUID, version: int, body):
    row, given = shell.at_version(ctx, queries.one(ctx, id), version, "fields.configure"), body.given()
    kind = given.pop("kind", None)
    if kind is not None and kind != row.kind:
        actions.widen_field(ctx, row, kind)
    return actions.edit_field(ctx, row, **given) if given else row


@shell.resource_route(bp, "DELETE", "/custom-fields/<uuid:id>", "fields.configure", status=204, versioned=True, summary=N_("Archive a field; its values stay"))
def archive_custom_field(ctx: Context, id: UUID, version: int):
    actions.archive_field(ctx, shell.at_version(ctx, queries.one(ctx, id), version, "fields.configure"))


@shell.resource_route(bp, "POST", "/custom-fields/<uuid:id>/restoration", "fields.configure", answer=CustomFieldOut, summary=N_("Bring an archived field back"))
def restore_custom_field(ctx: Context, id: UUID):
    row = queries.one(ctx, id)
    actions.restore_field(ctx, row)
    return row


@shell.resource_route(bp, "POST", "/custom-fields/<uuid:id>/erasure", "fields.configure", body=ErasureIn, status=204, summary=N_("Erase the values of an archived field for good"))
def erase_custom_field(ctx: Context, id: UUID, body):
    actions.erase_values(ctx, queries.one(ctx, id), typed=body.label)
