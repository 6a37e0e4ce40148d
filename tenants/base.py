"""The ground of every table in the control schema; always written as control.<table>."""

from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from core.base.model import COLUMN_TYPES
from infra.db import NAMING


class ControlBase(DeclarativeBase):
    """Tables of the landlord: directory, runs, operators, billing."""

    metadata = MetaData(schema="control", naming_convention=NAMING)
    type_annotation_map = COLUMN_TYPES
