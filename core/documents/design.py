"""A print template as plain values: what a rendering needs of it, saved or only tried."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from core.documents.models import COLUMNS, PrintTemplate


@dataclass(frozen=True)
class Design:
    """The values of a template, with the bytes of its logo (PNG)."""

    layout: str = "letter"
    colour: str = "#1f4e79"
    font: str = "serif"
    paper: str = "a4"
    margin_top: int = 20
    margin_right: int = 20
    margin_bottom: int = 20
    margin_left: int = 22
    letterhead: str | None = None
    footer_left: str | None = None
    footer_middle: str | None = None
    footer_right: str | None = None
    columns: tuple[str, ...] = COLUMNS
    headings: Mapping[str, str] = field(default_factory=dict)
    title: str | None = None
    intro: str | None = None
    closing: str | None = None
    terms: str | None = None
    terms_on_new_page: bool = True
    show_code: bool = True
    show_reasons: bool = True
    show_section_sums: bool = True
    show_option_sum: bool = True
    logo: bytes | None = None

    @classmethod
    def of(cls, row: PrintTemplate, logo: bytes | None = None, **tried: Any) -> "Design":
        """That of a template; tried: values that take the place of its own without being saved."""
        names = [one.name for one in fields(cls) if one.name != "logo"]
        values = {name: tried.get(name, getattr(row, name)) for name in names}
        return cls(**values | {"columns": tuple(values["columns"])}, logo=logo)
