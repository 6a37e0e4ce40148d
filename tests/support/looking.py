"""What browser tests do with every page: open it once its scripts are there, and look at it."""

import os
from pathlib import Path

SHOTS = os.environ.get("TENDERO_SHOTS")


def opened(someone, url):
    """The page, ready for keys and pointer."""
    someone.page.goto(url)
    someone.page.locator("html[data-ready]").wait_for(state="attached")
    return someone.page


def look(someone, name, *, of: str = ""):
    """Axe, no sideways scroll; a picture (of-name.png) where one is asked for by TENDERO_SHOTS."""
    someone.axe(where=name)
    someone.no_sideways_scroll(name)
    if SHOTS:
        someone.page.screenshot(path=str(Path(SHOTS) / f"{of}{'-' if of else ''}{name}.png"))
