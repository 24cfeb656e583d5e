"""Arguments from a form: fields as text, models of fields, uploaded files."""

from __future__ import annotations

from typing import Final, cast, final

from typing_extensions import override

from fasterapi.binding.body_reader import BodyReader
from fasterapi.binding.collected import GroupField, validated
from fasterapi.binding.scalars import FAIL, Converter
from fasterapi.binding.sources import Fallback, Source, converted
from fasterapi.binding.validator import Validator
from fasterapi.errors import Location
from fasterapi.http.exchange import Exchange
from fasterapi.http.forms_data import FormData
from fasterapi.http.uploads import UploadFile

_BODY: Final[Location] = ("body",)


@final
class FormBodyReader(BodyReader):
    """The body is a form; files that are asked for as `bytes` are read before any provider runs."""

    def __init__(self) -> None:
        super().__init__(True)
        self._content_wanted: list[str] = []

    def want_content(self, name: str) -> None:
        """Let the files of a field be given as their content."""
        self._content_wanted.append(name)

    async def take(self, form: FormData, exchange: Exchange) -> None:
        """Keep the form's values on the exchange, by the names of their fields."""
        values: dict[str, list[object]] = {}
        for name, value in form.multi_items():
            if isinstance(value, UploadFile) and _is_unfilled(value):
                continue
            values.setdefault(name, []).append(value)
        for name in self._content_wanted:
            found = values.get(name)
            if found is not None:
                values[name] = [await _content(item) if isinstance(item, UploadFile) else item for item in found]
        exchange.body_value = values


@final
class FormFieldSource(Source):
    """The last value of a field; an empty one is none, because browsers send every field of a form."""

    def __init__(self, name: str, converter: Converter, validator: Validator, fallback: Fallback) -> None:
        self._name = name
        self._location: Location = ("body", name)
        self._converter = converter
        self._validator = validator
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        values = form_values(exchange).get(self._name)
        if values is None or values[-1] == "":
            return self._fallback.value_at(self._location, exchange)
        value = values[-1]
        if isinstance(value, str):
            return converted(self._converter, value, self._location, exchange)
        return validated(self._validator, value, self._location, exchange)


@final
class FormSequenceSource(Source):
    """All values of a field."""

    def __init__(self, name: str, validator: Validator, fallback: Fallback) -> None:
        self._name = name
        self._location: Location = ("body", name)
        self._validator = validator
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        values = form_values(exchange).get(self._name)
        if values is None:
            return self._fallback.value_at(self._location, exchange)
        return validated(self._validator, values, self._location, exchange)


@final
class FormModelSource(Source):
    """A model, each field of which is a field of the form."""

    def __init__(self, fields: list[GroupField], validator: Validator, fallback: Fallback, is_optional: bool) -> None:
        self._fields = fields
        self._names = frozenset([field.name for field in fields])
        self._validator = validator
        self._fallback = fallback
        self._is_optional = is_optional

    @override
    def value(self, exchange: Exchange) -> object:
        values = form_values(exchange)
        if self._is_optional and self._names.isdisjoint(values):
            return self._fallback.value_at(_BODY, exchange)
        given: dict[str, object] = {}
        for field in self._fields:
            found = values.get(field.name)
            if found is not None and (field.is_sequence or found[-1] != ""):
                given[field.key] = found if field.is_sequence else found[-1]
        for name, found in values.items():
            if name not in self._names:
                given[name] = found[0] if len(found) == 1 else found
        return validated(self._validator, given, _BODY, exchange)


@final
class UploadSource(Source):
    """One file of a field, or all of them."""

    def __init__(self, name: str, takes_many: bool, fallback: Fallback) -> None:
        self._name = name
        self._location: Location = ("body", name)
        self._takes_many = takes_many
        self._fallback = fallback

    @override
    def value(self, exchange: Exchange) -> object:
        values = form_values(exchange).get(self._name)
        if values is None or (not self._takes_many and values[-1] == ""):
            return self._fallback.value_at(self._location, exchange)
        if not self._takes_many:
            return _checked_upload(values[-1], self._location, exchange)
        checked = [_checked_upload(value, (*self._location, index), exchange) for index, value in enumerate(values)]
        for upload in checked:
            if upload is FAIL:
                return FAIL
        return checked


def _checked_upload(value: object, location: Location, exchange: Exchange) -> object:
    if isinstance(value, UploadFile):
        return value
    message = f"Value error, Expected UploadFile, received: {type(value)}"
    exchange.add_error({"type": "value_error", "loc": location, "msg": message, "input": value, "ctx": {"error": {}}})
    return FAIL


def form_values(exchange: Exchange) -> dict[str, list[object]]:
    """The values of each field of the form that was read."""
    return cast("dict[str, list[object]]", exchange.body_value)


def _is_unfilled(upload: UploadFile) -> bool:
    """What browsers send for a file that nobody chose."""
    return not upload.filename and upload.size == 0


async def _content(upload: UploadFile) -> bytes:
    """The whole file, which stays where it is for others that read it."""
    await upload.seek(0)
    content = await upload.read()
    await upload.seek(0)
    return content
