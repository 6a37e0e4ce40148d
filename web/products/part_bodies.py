"""What programs read of the parts of a bundle on a line of a deal or quote."""

from web.api import shell


class LinePartOut(shell.Out):
    """So many of a product in one of the line's; quantity as a string."""

    sku: str
    name: str
    quantity: str
    unit: str
