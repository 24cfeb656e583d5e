"""A response with its whole body.

Interpreted: holds an exception, which users subclass, pickle and refer weakly to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast, overload

import msgspec

from fasterapi.client.errors import FastHTTPError, FastHTTPValidationError
from fasterapi.client.head import ResponseHead
from fasterapi.client.html_assets import Assets, find_assets
from fasterapi.client.models import Model, model_of
from fasterapi.client.request import Request
from fasterapi.client.transport import WireResponse
from fasterapi.client.xml_text import read_xml

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

T = TypeVar("T")


class Response(ResponseHead):
    """What came back.

    Example: `response.status_code`, `response.json()`, `response.json(User)`, `response.headers["etag"]`.
    """

    def __init__(self, request: Request, wire: WireResponse, content: bytes, elapsed: float, history: Sequence[Response] = ()) -> None:
        super().__init__(request, wire)
        self.content: bytes = content
        """The body, unpacked."""
        self.elapsed: timedelta = timedelta(seconds=elapsed)
        """From sending the request to the last byte of the body, with redirects and further attempts."""
        self.history: list[Response] = list(history)
        """The redirects that led here."""
        self.path_params: dict[str, object] = {}
        """What the places of the URL were filled with."""
        self.model: Any = None
        """The body as the `response_model` of its request, if that declares one."""
        self.from_cache: bool = False
        """Whether nothing, or no body, was transferred for it."""

    @property
    def text(self) -> str:
        """The body as text; what is no text in its encoding is replaced."""
        return self.content.decode(self.encoding, "replace")

    @overload
    def json(self) -> Any: ...
    @overload
    def json(self, type: type[T]) -> T: ...
    def json(self, type: object = None) -> object:  # noqa: A002
        """The body, read as JSON; as a type, if one is given.

        Raises `FastHTTPValidationError` where it is no JSON, or does not fit the type.
        """
        try:
            if type is not None:
                return model_of(type).read(self.content)
            return msgspec.json.decode(self.content.removeprefix(b"\xef\xbb\xbf"))
        except (msgspec.DecodeError, RecursionError) as error:
            detail = f"The body is not JSON ({self.content_type or 'no content type'}): {error}."
            raise FastHTTPValidationError(detail, method=self.method, url=self.url, attempts=self.attempts) from error
        except FastHTTPValidationError as error:
            raise error.located(self.method, self.url, self.attempts) from error.__cause__

    def bytes(self) -> bytes:
        """The body."""
        return self.content

    def html(self) -> str:
        """The body of a page; `ValueError` where the content type says that it is something else."""
        if self.content_type and "html" not in self.content_type:
            raise ValueError(f"Expected an HTML page, got {self.content_type}. Use text for any text.")
        return self.text

    def xml(self) -> Element:
        """The root of an XML document; one with a document type is refused, so that it can neither grow nor read files."""
        try:
            return read_xml(self.content)
        except FastHTTPValidationError as error:
            raise error.located(self.method, self.url, self.attempts) from error.__cause__

    def assets(self, *, css: bool = True, js: bool = True) -> Assets:
        """The URLs of the style sheets and scripts of a page."""
        found = find_assets(self.text, self.url)
        return {"css": found["css"] if css else [], "js": found["js"] if js else []}

    def req_text(self) -> str | None:
        """The body that was sent, as text; `None` where there was none, or it was sent in pieces."""
        content = self.request.body.content
        return content.decode("utf-8", "replace") if isinstance(content, bytes_type) and content else None

    def req_json(self) -> Any:
        """The JSON that was sent, or `None`."""
        content = self.request.body.content
        if not isinstance(content, bytes_type) or self.request.headers.get("content-type", "") != "application/json":
            return None
        return msgspec.json.decode(content)

    def raise_for_status(self) -> Self:
        """Raise `FastHTTPBadStatusError` for an error status; otherwise the response itself."""
        if not self.ok:
            raise bad_status(self)
        return self


# In the class `bytes` is a method.
bytes_type = bytes


class FastHTTPBadStatusError(FastHTTPError):
    """An error status where `raise_for_status` asks for an exception."""

    def __init__(
        self, message: str, *, response: Response, model: object = None, method: str = "", url: str = "", attempts: int = 1
    ) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self.response: Response = response
        self.model: object = model
        """The body as the model that `responses={status: Model}` declares, if it declares one."""

    @property
    def status_code(self) -> int:
        """The status."""
        return self.response.status_code


def bad_status(response: Response, model: object = None) -> FastHTTPBadStatusError:
    """The exception for a response with an error status."""
    return FastHTTPBadStatusError(
        f"{response.status_code} {response.reason}".rstrip(),
        response=response,
        model=model,
        method=response.method,
        url=response.url,
        attempts=response.attempts,
    )


def status_models(responses: Mapping[int, object] | None) -> dict[int, Model]:
    """The models of error statuses, of what users write for `responses`: `{404: Problem}` or `{404: {"model": Problem}}`."""
    models: dict[int, Model] = {}
    for status, given in (responses or {}).items():
        annotation = cast("Mapping[str, object]", given).get("model") if isinstance(given, Mapping) else given
        if annotation is not None:
            models[int(status)] = model_of(annotation)
    return models
