"""Write the committed renderings of both schemas from the models: `python -m tenants.render`.

Run it with every revision; tests/tenants/test_migration.py compares models, rendering and history. `--ground` also
writes what revision 0001 holds and is only for the time before the first release.
"""

import sys

from tenants import ddl

RENDERERS = {"tenant": ddl.render_tenant, "control": ddl.render_control}


def write(*, ground: bool = False) -> None:
    """schema.sql of both histories, and with `ground` 0001_ground.sql."""
    for history, render in RENDERERS.items():
        text = render().rstrip() + "\n"
        for name in ("schema", "0001_ground") if ground else ("schema",):
            (ddl.HERE / history / f"{name}.sql").write_text(text)


if __name__ == "__main__":
    write(ground="--ground" in sys.argv)
