"""GraphQL over HTTP, the same way as every other request.

Interpreted: Structs, exceptions, and calls what users declare.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, Self, TypeVar, cast, overload

import msgspec

from fasterapi.binding.markers import COOKIE, FILE, FORM, HEADER, MISSING, PATH
from fasterapi.binding.signature import described, read_signature
from fasterapi.client.auth import AuthLike
from fasterapi.client.body import EMPTY, encode_json
from fasterapi.client.config import merge_configs
from fasterapi.client.dependencies import Resolution
from fasterapi.client.engine import Engine
from fasterapi.client.errors import DeclarationError, FastHTTPError, FastHTTPRequestError, FastHTTPValidationError
from fasterapi.client.limits import DEFAULT_TIMEOUT
from fasterapi.client.middleware.retry import RetryMiddleware
from fasterapi.client.models import Model, model_of
from fasterapi.client.operations import Operation, Performed, call_handler
from fasterapi.client.request import IDEMPOTENT, make_request
from fasterapi.client.response import Response, bad_status
from fasterapi.client.route import Argument, HandlerShape
from fasterapi.client.router import Surroundings
from fasterapi.client.session import AsyncSession
from fasterapi.client.target import parse_target
from fasterapi.client.transport import EmptyStream, WireResponse
from fasterapi.client.types import RequestConfig, TimeoutLike
from fasterapi.client.verbs import Declared

T = TypeVar("T")

ACCEPT: Final = "application/graphql-response+json, application/json;q=0.9"

_NO_VARIABLES: Final = (HEADER, COOKIE, PATH, FORM, FILE)
_MUTATION: Final = re.compile(r"^\s*mutation\b", re.MULTILINE)


class GraphQLErrorItem(msgspec.Struct, frozen=True):
    """One fault of an operation, as the server tells it."""

    message: str
    locations: list[dict[str, int]] | None = None
    path: list[str | int] | None = None
    extensions: dict[str, Any] | None = None


class GraphQLRequest(msgspec.Struct, omit_defaults=True, rename="camel"):
    """An operation: what it asks for, under which name, with which values."""

    query: str
    operation_name: str | None = None
    variables: dict[str, Any] | None = None


class GraphQLResponse(msgspec.Struct):
    """What came of an operation: data, or faults, or both."""

    data: Any = None
    errors: list[GraphQLErrorItem] | None = None
    extensions: dict[str, Any] | None = None

    @property
    def ok(self) -> bool:
        """Whether there were no faults."""
        return not self.errors

    @property
    def has_errors(self) -> bool:
        """Whether there were faults."""
        return bool(self.errors)


class FastHTTPGraphQLError(FastHTTPError):
    """An operation with faults; `data` is what there was in spite of them."""

    def __init__(
        self,
        message: str,
        *,
        errors: Sequence[GraphQLErrorItem],
        data: object = None,
        response: Response | None = None,
        method: str = "",
        url: str = "",
        attempts: int = 1,
    ) -> None:
        super().__init__(message, method=method, url=url, attempts=attempts)
        self.errors: list[GraphQLErrorItem] = list(errors)
        self.data: object = data
        self.response: Response | None = response
        """The response that told of them."""


class GraphQLOperation(Operation):
    """A declared operation: its handler gives it, or handles what came of it."""

    def __init__(self, declared: Declared, around: Surroundings, defaults: RequestConfig) -> None:
        super().__init__(declared, around, defaults)
        self.query: str | None = declared.options.get("query")
        """What is asked; `None` where the handler gives that."""
        self.operation_name: str | None = declared.options.get("operation_name")
        self.shape: HandlerShape = HandlerShape(declared.handler, self.route.template)
        if self.route.template.names:
            raise DeclarationError(f"{described(declared.handler)}: the URL of a GraphQL service has no places. Write it whole.")
        for argument in self.variables:
            if argument.source in _NO_VARIABLES:
                raise DeclarationError(
                    f"{described(declared.handler)}: parameters of a GraphQL operation are its variables, and {argument.name!r} is a"
                    f" {argument.source}. Add it with dependencies= or headers=."
                )
        # What is sent of GraphQL is always a POST, so only what is declared tells whether twice is the same as once.
        if type(self.route.retry) is int and not is_mutation(self.query, declared.options.get("operation_type")):
            self.route.retry = retry_of_queries(self.route.retry)
        self._first = read_signature(declared.handler).parameters[0].annotation
        self._data_model: Model | None = self.route.model
        self.route.model = None

    @property
    def wire_method(self) -> str:
        """Operations are posted."""
        return "POST"

    @property
    def variables(self) -> Sequence[Argument]:
        """The handler's parameters whose values are sent."""
        return [argument for argument in self.shape.arguments if argument.dependency is None]

    def names(self) -> Sequence[str]:
        """The handler's parameters beside the first."""
        return [argument.name for argument in self.shape.arguments]

    async def _perform(self, engine: Engine, config: RequestConfig, arguments: Mapping[str, object]) -> Performed:
        route = self.route
        values: dict[str, object] = dict(arguments)
        async with Resolution(route, config, values) as resolution:
            for dependency in route.dependencies:
                await resolution.apply(dependency)
            for argument in self.shape.arguments:
                if argument.dependency is not None:
                    values.setdefault(argument.name, await resolution.provide(argument.dependency))
                elif values.setdefault(argument.name, argument.default) is MISSING:
                    raise FastHTTPRequestError(f"{route.name} needs a value for {argument.name!r}. Call it with one, or give it a default.")
            asked = await self._operation(values)
            headers = {"Accept": ACCEPT}
            added: Any = {"json": asked}
            response = await engine.fetch(route, route.url, merge_configs({"headers": headers}, resolution.config, added), self.hooks)
            if self.query is None:
                return Performed(self._read_data(response), response)
            first = self._first_argument(response)
            return Performed(await call_handler(self.shape.handler, self.shape.call_kind, first, values), response)

    async def _operation(self, values: Mapping[str, object]) -> GraphQLRequest:
        """What is asked: the declared query with the handler's parameters as variables, or what the handler gives."""
        if self.query is not None:
            variables = {argument.alias: values[argument.name] for argument in self.variables}
            return GraphQLRequest(self.query, self.operation_name, variables or None)
        given = await call_handler(self.shape.handler, self.shape.call_kind, _nothing_yet(), values)
        if isinstance(given, GraphQLRequest):
            return given
        if isinstance(given, str):
            return GraphQLRequest(given, self.operation_name)
        if isinstance(given, Mapping) and isinstance(given.get("query"), str):
            return GraphQLRequest(given["query"], given.get("operation_name", self.operation_name), given.get("variables"))
        raise DeclarationError(f"{self.route.name} gives {given!r}. Return the query, or a dictionary with 'query' and 'variables'.")

    def _first_argument(self, response: Response) -> object:
        if self._data_model is not None and response.ok:
            read = read_response(response)
            if read.ok:
                response.model = _typed(self._data_model, read, response)
        if self._first is GraphQLResponse:
            return read_response(response)
        if self.shape.body_model is None:
            return response
        return _typed(self.shape.body_model, _checked(response, read_response(response)), response)

    def _read_data(self, response: Response) -> object:
        data = _checked(response, read_response(response)).data
        response.model = data if self._data_model is None else _typed(self._data_model, GraphQLResponse(data), response)
        return cast(object, response.model)


def is_mutation(query: str | None, said: str | None) -> bool:
    """Whether an operation changes something: what is said of it holds, otherwise what it says itself."""
    return said == "mutation" if said is not None or query is None else _MUTATION.search(query) is not None


def retry_of_queries(times: int) -> RetryMiddleware:
    """A policy for what is posted, and changes nothing."""
    return RetryMiddleware(times, methods={*IDEMPOTENT, "POST"})


def read_response(response: Response) -> GraphQLResponse:
    """What came of an operation; a response that is none of GraphQL raises."""
    try:
        read = msgspec.json.decode(response.content, type=GraphQLResponse)
    except msgspec.MsgspecError as error:
        if not response.ok:
            raise bad_status(response) from error
        raise FastHTTPValidationError(
            f"The response is none of GraphQL: {error}.", method=response.method, url=response.url, attempts=response.attempts
        ) from error
    if not response.ok and not read.errors:
        raise bad_status(response)
    return read


def _checked(response: Response, read: GraphQLResponse) -> GraphQLResponse:
    if read.errors:
        message = "; ".join([item.message for item in read.errors[:5]])
        raise FastHTTPGraphQLError(
            message,
            errors=read.errors,
            data=read.data,
            response=response,
            method=response.method,
            url=response.url,
            attempts=response.attempts,
        )
    return read


def _typed(model: Model, read: GraphQLResponse, response: Response) -> object:
    try:
        return model.read(encode_json(read.data))
    except FastHTTPValidationError as error:
        raise error.located(response.method, response.url, response.attempts) from error.__cause__


def _nothing_yet() -> Response:
    """What a handler that gives the operation is handed: there is no response before the operation was sent."""
    request = make_request("POST", parse_target("https://nothing.invalid"), {}, EMPTY, DEFAULT_TIMEOUT)
    return Response(request, WireResponse(0, [], "", "", EmptyStream()), b"", 0.0)


class GraphQLClient:
    """Asks one GraphQL service.

    Example:
        async with create_graphql_client("https://api.example.com/graphql") as client:
            data = await client.query("{ countries { name } }", type=Countries)
    """

    def __init__(self, url: str, session: AsyncSession) -> None:
        self.url = url
        self._session = session

    @overload
    async def query(self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None) -> Any: ...
    @overload
    async def query(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        type: type[T],
    ) -> T: ...
    async def query(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        type: Any = None,  # noqa: A002 - as in `Response.json`
    ) -> Any:
        """The data of a query; raises `FastHTTPGraphQLError` for faults."""
        return await self._ask(query, variables, operation_name, type)

    @overload
    async def mutation(self, query: str, variables: Mapping[str, Any] | None = None, operation_name: str | None = None) -> Any: ...
    @overload
    async def mutation(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        type: type[T],
    ) -> T: ...
    async def mutation(
        self,
        query: str,
        variables: Mapping[str, Any] | None = None,
        operation_name: str | None = None,
        *,
        type: Any = None,  # noqa: A002 - as in `Response.json`
    ) -> Any:
        """The data of a mutation; raises `FastHTTPGraphQLError` for faults."""
        return await self._ask(query, variables, operation_name, type)

    async def _ask(self, query: str, variables: Mapping[str, Any] | None, operation_name: str | None, wanted: Any) -> Any:
        asked = GraphQLRequest(query, operation_name, None if variables is None else dict(variables))
        response = await self._session.post(self.url, json=asked, headers={"Accept": ACCEPT})
        read = _checked(response, read_response(response))
        return read.data if wanted is None else _typed(model_of(wanted), read, response)

    async def __aenter__(self) -> Self:
        await self._session.open()
        return self

    async def __aexit__(self, *raised: object) -> None:
        await self._session.close()


def create_graphql_client(
    url: str,
    headers: Mapping[str, str] | None = None,
    timeout: TimeoutLike = DEFAULT_TIMEOUT,
    *,
    auth: AuthLike | None = None,
    session: AsyncSession | None = None,
) -> GraphQLClient:
    """A client of one GraphQL service, on a session of its own or on one that is given."""
    own = session or AsyncSession(headers=headers, timeout=timeout, auth=auth)
    return GraphQLClient(url, own)
