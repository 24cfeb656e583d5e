"""One declared request.

Interpreted: reads what users declare.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from fasterapi.binding.markers import BODY, HEADER, MISSING, PATH, QUERY, Dependency, ParameterMarker
from fasterapi.binding.signature import AWAITABLE_CALL, COROUTINE_CALL, Parameter, Signature, SignatureError, described, read_signature
from fasterapi.client.errors import DeclarationError, UntypedHandlerWarning
from fasterapi.client.masking import mask_url
from fasterapi.client.models import Model, model_of
from fasterapi.client.response import Response, status_models
from fasterapi.client.template import URLTemplate
from fasterapi.client.types import RequestConfig


class Argument:
    """A handler's parameter beside the response: its value is sent with the request, and handed to the handler."""

    __slots__ = ("alias", "annotation", "default", "dependency", "media_type", "name", "source")

    def __init__(self, name: str, source: str, alias: str, default: object, dependency: Dependency | None) -> None:
        self.name: str = name
        self.source: str = source
        """Where in the request it goes; empty for what a provider gives."""
        self.alias: str = alias
        self.default: object = default
        self.dependency: Dependency | None = dependency
        self.annotation: object = Any
        self.media_type: str | None = None
        """What the body is, where it is not JSON."""


class Route:
    """A request as it was declared: what hooks and middleware are told of it."""

    def __init__(
        self,
        method: str,
        url: str,
        handler: Callable[..., Any] | None = None,
        *,
        config: RequestConfig | None = None,
        path_params: Mapping[str, object] | None = None,
        tags: Sequence[str] = (),
        dependencies: Sequence[object] = (),
        response_model: Any = None,
        request_model: Any = None,
        responses: Mapping[int, Any] | None = None,
        raise_for_status: bool = False,
        retry: Any = None,
        base_url: str | None = None,
    ) -> None:
        self.method = method
        self.template: URLTemplate = URLTemplate(url)
        self.handler = handler
        self.config: RequestConfig = config or {}
        self.path_params: dict[str, object] = dict(path_params or {})
        self.tags: list[str] = list(tags)
        self.dependencies: list[Dependency] = [_checked_dependency(item) for item in dependencies]
        self.response_model: Any = response_model
        self.request_model: Any = request_model
        self.responses: dict[int, Any] = dict(responses or {})
        self.raise_for_status = raise_for_status
        self.retry: Any = retry
        self.base_url = base_url
        self.model: Model | None = None if response_model is None else model_of(response_model)
        self.status_models: dict[int, Model] = status_models(responses)

    @property
    def url(self) -> str:
        """The URL with its places."""
        return self.template.text

    @property
    def name(self) -> str:
        """The handler's name, or the request's."""
        return getattr(self.handler, "__name__", f"{self.method} {mask_url(self.url)}")

    @property
    def params(self) -> object:
        """The declared query parameters."""
        return self.config.get("params")

    @property
    def json(self) -> object:
        """The declared JSON body."""
        return self.config.get("json")

    @property
    def data(self) -> object:
        """The declared body."""
        return self.config.get("data")

    def __repr__(self) -> str:
        return f"<Route {self.method} {mask_url(self.url)}>"


class HandlerShape:
    """What a handler asks for: the response as what, and which arguments."""

    def __init__(self, handler: Callable[..., Any], template: URLTemplate, first: type = Response) -> None:
        self.handler = handler
        try:
            signature = read_signature(handler)
        except SignatureError as error:
            raise DeclarationError(f"{described(handler)}: {error}") from error
        if not signature.parameters:
            raise DeclarationError(
                f"{described(handler)} takes no response. Write ({first.__name__.lower()}: {first.__name__}) as its first parameter."
            )
        self.call_kind: int = signature.call_kind
        self.is_coroutine: bool = signature.call_kind in (COROUTINE_CALL, AWAITABLE_CALL)
        self.body_model: Model | None = _body_model(handler, signature, first)
        """The type of the first parameter, where that is not the response itself."""
        self.body_annotation: object = None if self.body_model is None else signature.parameters[0].annotation
        """That type, as it is declared."""
        self.arguments: list[Argument] = [_read_argument(handler, parameter, template) for parameter in signature.parameters[1:]]
        missing = [name for name in template.names if name not in {argument.name for argument in self.arguments}]
        self.unasked: list[str] = missing
        """The places of the URL that no parameter fills."""


def _body_model(handler: Callable[..., Any], signature: Signature, usual: type) -> Model | None:
    first = signature.parameters[0]
    untyped: list[str] = []
    if first.annotation is MISSING:
        untyped.append(f"{first.name}: {usual.__name__}")
    if signature.result is MISSING and "return" not in getattr(handler, "__annotations__", {}):
        untyped.append("-> dict (what it returns)")
    if untyped:
        warnings.warn(
            f"{described(handler)} has no types, so that none of its results do. Write {' and '.join(untyped)}.",
            UntypedHandlerWarning,
            stacklevel=5,
        )
    if first.annotation is MISSING or first.annotation is Any or first.annotation is object:
        return None
    if isinstance(first.annotation, type) and issubclass(first.annotation, usual):
        return None
    return model_of(first.annotation)


def _read_argument(handler: Callable[..., Any], parameter: Parameter, template: URLTemplate) -> Argument:
    marker: object = parameter.default
    default: object = parameter.default
    if not isinstance(marker, (Dependency, ParameterMarker)):
        marker = next((item for item in parameter.metadata if isinstance(item, (Dependency, ParameterMarker))), None)
    elif isinstance(marker, ParameterMarker):
        default = marker.default
    if isinstance(marker, Dependency):
        return Argument(parameter.name, "", parameter.name, MISSING, _with_provider(handler, parameter, marker))
    if parameter.annotation is MISSING:
        raise DeclarationError(
            f"{described(handler)}: its parameter {parameter.name!r} has no annotation. Write {parameter.name}: int, say."
        )
    if marker is None:
        source = PATH if parameter.name in template.names else QUERY
        return _annotated(Argument(parameter.name, source, parameter.name, default, None), parameter)
    assert isinstance(marker, ParameterMarker)
    if marker.source == PATH and parameter.name not in template.names:
        raise DeclarationError(f"{described(handler)}: the URL has no place {{{parameter.name}}}.")
    alias = marker.alias() or (parameter.name.replace("_", "-") if marker.source == HEADER else parameter.name)
    argument = Argument(parameter.name, marker.source, alias, default, None)
    if marker.source == BODY:
        argument.media_type = cast("str | None", marker.options.get("media_type"))
    return _annotated(argument, parameter)


def _annotated(argument: Argument, parameter: Parameter) -> Argument:
    argument.annotation = parameter.annotation
    return argument


def _with_provider(handler: Callable[..., Any], parameter: Parameter, dependency: Dependency) -> Dependency:
    if dependency.provider is not None:
        return dependency
    if not callable(parameter.annotation):
        raise DeclarationError(f"{described(handler)}: Depends() of {parameter.name!r} needs a provider. Write Depends(your_function).")
    return Dependency(parameter.annotation, dependency.use_cache, dependency.scope, dependency.security_scopes)


def _checked_dependency(item: object) -> Dependency:
    if isinstance(item, Dependency) and item.provider is not None:
        return item
    raise DeclarationError(f"dependencies=[{item!r}]: write Depends(your_function).")
