"""GraphQL operations go the way of every other request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from fasterapi.client import (
    AsyncSession,
    BearerAuth,
    DeclarationError,
    Depends,
    FastHTTP,
    FastHTTPBadStatusError,
    FastHTTPGraphQLError,
    FastHTTPValidationError,
    GraphQLRequest,
    GraphQLResponse,
    Header,
    RequestConfig,
    Response,
    create_graphql_client,
)
from tests.client.sites import LOCAL, Answer, Asked, Site


@dataclass
class Country:
    name: str


@dataclass
class Data:
    country: Country


@pytest.fixture
def api(site: Site) -> FastHTTP:
    def answer(asked: Asked) -> Answer:
        body = asked.json()
        code = (body.get("variables") or {}).get("code", "DE")
        if "fail" in body["query"]:
            return Answer({"data": None, "errors": [{"message": "no such field", "path": ["country"]}]})
        return Answer({"data": {"country": {"name": f"country {code}"}}})

    site.answers["/graphql"] = answer
    return FastHTTP(base_url=site.url(), security=LOCAL)


QUERY = "query ($code: ID!) { country(code: $code) { name } }"


def test_a_handler_may_give_the_operation(api: FastHTTP, site: Site) -> None:
    @api.graphql(url="/graphql")
    async def as_dict(resp: Response) -> dict[str, Any]:
        return {"query": QUERY, "variables": {"code": "FR"}, "operation_name": "Q"}

    @api.graphql("/graphql")
    async def as_text(resp: Response) -> str:
        return "{ country { name } }"

    @api.graphql("/graphql", response_model=Data)
    def as_request(resp: Response) -> GraphQLRequest:
        return GraphQLRequest(QUERY, variables={"code": "IT"})

    results = api.run()
    assert results.errors == []
    assert results[as_dict].value == {"country": {"name": "country FR"}}
    assert results[as_text].value == {"country": {"name": "country DE"}}
    assert results["as_request"].value == Data(Country("country IT"))
    sent = next(asked for asked in site.asked if b"FR" in asked.body)
    assert sent.json() == {"query": QUERY, "variables": {"code": "FR"}, "operationName": "Q"}
    assert (sent.method, sent.headers["content-type"]) == ("POST", "application/json")


async def test_a_handler_may_take_what_came_of_it(api: FastHTTP) -> None:
    @api.graphql("/graphql", query=QUERY)
    async def name(data: Data, code: str = "ES") -> str:
        return data.country.name

    @api.graphql("/graphql", query=QUERY)
    async def whole(response: GraphQLResponse, code: str) -> bool:
        return response.ok and not response.has_errors

    assert await api.call(name) == "country ES"
    assert await api.call(name, code="PT") == "country PT"
    assert await api.call(whole, "PT")


def test_faults_are_errors(api: FastHTTP) -> None:
    @api.graphql("/graphql")
    async def fails(resp: Response) -> str:
        return "{ fail }"

    @api.graphql("/graphql", query="{ fail }")
    async def sees(response: GraphQLResponse) -> list[Any]:
        assert response.errors is not None
        return [(error.message, error.path) for error in response.errors]

    results = api.run()
    error = results[fails].error
    assert isinstance(error, FastHTTPGraphQLError)
    assert (error.errors[0].message, "no such field" in str(error)) == ("no such field", True)
    assert results[sees].value == [("no such field", ["country"])]


def test_faults_carry_the_response(api: FastHTTP) -> None:
    @api.graphql("/graphql", query="{ fail }")
    async def fails(data: Data) -> None: ...

    results = api.run()
    error = results[fails].error
    assert isinstance(error, FastHTTPGraphQLError)
    assert error.response is not None
    assert error.response.json()["errors"][0]["message"] == "no such field"
    assert results[fails].response is error.response


def test_a_model_of_the_data_is_read_whatever_the_handler_takes(api: FastHTTP) -> None:
    @api.graphql("/graphql", query="{ country { name } }", response_model=Data)
    async def fits(response: Response) -> object:
        return response.model

    @api.graphql("/graphql", query="{ country { name } }", response_model=dict[str, int])
    async def misfit(response: GraphQLResponse) -> None: ...

    @api.graphql("/graphql", query="{ fail }", response_model=Data)
    async def sees(response: GraphQLResponse) -> bool:
        return response.has_errors

    @api.graphql("/nowhere", query="{ a }", response_model=Data)
    async def nowhere(response: Response) -> int:
        return response.status_code

    results = api.run()
    assert results[fits].value == Data(Country("country DE"))
    assert isinstance(results[misfit].error, FastHTTPValidationError)
    assert results[sees].value
    assert results[nowhere].value == 404


def test_what_is_no_variable_is_refused(api: FastHTTP) -> None:
    @api.graphql("/graphql", query=QUERY)
    async def ask(data: Data, x_trace: str = Header("none")) -> None: ...

    with pytest.raises(DeclarationError, match="'x_trace' is a header"):
        api.run()


def test_a_url_with_places_is_refused(api: FastHTTP) -> None:
    @api.graphql("/{tenant}/graphql", query=QUERY)
    async def ask(data: Data, tenant: str) -> None: ...

    with pytest.raises(DeclarationError, match="no places"):
        api.run()


def test_misfits_and_other_servers_are_errors(api: FastHTTP, site: Site) -> None:
    site.answer("/html", "<html>")

    @api.graphql("/graphql", query="{ country { name } }")
    async def misfit(data: dict[str, int]) -> None: ...

    @api.graphql("/html", query="{ a }")
    async def html(data: Data) -> None: ...

    @api.graphql("/nowhere", query="{ a }")
    async def nowhere(data: Data) -> None: ...

    results = api.run()
    assert isinstance(results[misfit].error, FastHTTPValidationError)
    assert isinstance(results[html].error, FastHTTPValidationError)
    assert isinstance(results[nowhere].error, FastHTTPBadStatusError)


def test_it_goes_the_way_of_every_request(site: Site) -> None:
    site.answer_in_turn("/graphql", Answer("busy", 503), Answer({"data": {}}))
    app = FastHTTP(base_url=site.url(), security=LOCAL, auth=BearerAuth("token"))

    def adds() -> RequestConfig:
        return {"headers": {"X-Added": "1"}}

    @app.graphql("/graphql", query="{ a }", retry=1, dependencies=[Depends(adds)], headers={"X-Own": "1"})
    async def get(response: Response) -> int:
        return response.attempts

    assert app.run()[get].value == 2
    assert [site.last.headers[name] for name in ("authorization", "x-added", "x-own")] == ["Bearer token", "1", "1"]


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("{ a }", {"operation_type": "mutation"}),
        ("mutation { a }", {}),
        ("# What it does.\n  mutation Change($a: Int!) { a(a: $a) }\nfragment F on A { b }", {}),
    ],
)
async def test_a_mutation_is_not_sent_twice(site: Site, query: str, options: Any) -> None:
    site.answer_in_turn("/graphql", Answer("busy", 503), Answer({"data": {}}))
    app = FastHTTP(base_url=site.url(), security=LOCAL)

    @app.graphql("/graphql", query=query, retry=1, **options)
    async def change(response: Response) -> None: ...

    await app.call(change)
    assert len(site.asked) == 1


async def test_a_client_of_one_service(api: FastHTTP, site: Site) -> None:
    session = AsyncSession(security=LOCAL)
    async with create_graphql_client(site.url("/graphql"), session=session) as client:
        assert await client.query("{ country { name } }") == {"country": {"name": "country DE"}}
        assert await client.query(QUERY, {"code": "FR"}, type=Data) == Data(Country("country FR"))
        with pytest.raises(FastHTTPGraphQLError):
            await client.mutation("mutation { fail }")
