"""Requests whose text can be stored: NUL and halves of surrogate pairs are refused before a view works with them.

PostgreSQL takes neither, so what let them through would answer 500. The JSON and the parameters of the API are
read, with the same check, in web.api.bodies.
"""

from flask import Request, request

from web.api.bodies import check_text


class ReadableRequest(Request):
    """A form is checked when it is first asked for, not before: nobody who is not signed in makes us read his files."""

    def _load_form_data(self) -> None:
        fresh = "form" not in self.__dict__
        super()._load_form_data()
        if fresh:
            check_values(self.form)
            for name, file in self.files.items(multi=True):
                check_text(file.filename or "", field=check_text(name)[:100])


def refuse_unreadable() -> None:
    """Before every view: path and query. The API reads its own parameters, after it has counted the call."""
    check_text(request.path)
    if not request.path.startswith("/api/"):
        check_values(request.args)


def check_values(values) -> None:
    for name, value in values.items(multi=True):
        check_text(value, field=check_text(name)[:100])
