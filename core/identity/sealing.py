"""Addresses of people in orders: sealed, so that no queue and no log holds a readable one."""

from infra import crypto
from infra.config import settings


def sealed_mail(mail_norm: str) -> str:
    """An address as an order may hold it."""
    return crypto.seal(settings().data_key("mail-in-orders"), mail_norm.encode()).decode()


def opened_mail(sealed: str) -> str:
    """The address that an order is about."""
    return crypto.unseal(settings().data_key("mail-in-orders"), sealed.encode()).decode()
