"""What `fasterapi.openapi.differences` names is so, under both frameworks."""

import json
import warnings
from dataclasses import dataclass
from typing import Annotated, Any

import pytest

from fasterapi import Faster
from tests.openapi import declared
from tests.openapi.frameworks import Framework, our_document, their_document


@dataclass
class ValidationError:
    """A model of the user's."""

    reason: str


def schemas(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["components"]["schemas"]
    return found


def operation(document: dict[str, Any], path: str, method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = document["paths"][path][method]
    return found


@pytest.fixture
def their() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return their_document(declared.declare_differences)


@pytest.fixture
def our() -> dict[str, Any]:
    return our_document(declared.declare_differences)


def test_a_model_that_refers_to_itself_is_there_once(their: dict[str, Any], our: dict[str, Any]) -> None:
    assert {"Node-Input", "Node-Output"} <= schemas(their).keys()
    assert schemas(our)["Node"] == {**schemas(their)["Node-Input"], "properties": schemas(our)["Node"]["properties"]}
    assert schemas(our)["Node"]["properties"]["after"]["anyOf"][0] == {"$ref": "#/components/schemas/Node"}


def test_fields_are_where_they_are_given(their: dict[str, Any], our: dict[str, Any]) -> None:
    assert list(schemas(their)["Halves"]["properties"]) == ["given", "made", "passed"]
    assert list(schemas(our)["Halves-Input"]["properties"]) == ["given", "passed"]
    assert list(schemas(our)["Halves-Output"]["properties"]) == ["given", "made"]


def test_a_named_tuple_has_a_title_and_a_description(their: dict[str, Any], our: dict[str, Any]) -> None:
    assert schemas(our)["Point"] == {**schemas(their)["Point"], "title": "Point", "description": "A place."}


def test_schemas_of_one_class_have_titles_of_their_own() -> None:
    found = schemas(their_document(declared.declare_money))
    assert [found[name]["title"] for name in ("Money-Input", "Money-Output")] == ["Money", "Money"]
    found = schemas(our_document(declared.declare_money))
    assert [found[name]["title"] for name in ("Money-Input", "Money-Output")] == ["Money-Input", "Money-Output"]


def test_files_have_a_format() -> None:
    their, our = their_document(declared.declare_forms), our_document(declared.declare_forms)
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    assert schemas(their)["Body_files_files_post"]["properties"]["upload"] == {**file, "title": "Upload"}
    files = schemas(our)["Body_files_files_post"]["properties"]
    assert files["upload"] == {**file, "title": "Upload", "format": "binary"}
    assert files["optional"]["anyOf"][0] == files["uploads"]["items"] == {**file, "format": "binary"}
    assert files["optional_many"]["anyOf"][0]["items"] == {**file, "format": "binary"}
    assert json.loads(json.dumps(our).replace('"format": "binary", ', "").replace(', "format": "binary"', "")) == their


def test_each_method_of_a_route_has_an_operation_id(our: dict[str, Any]) -> None:
    with pytest.warns(UserWarning, match="Duplicate Operation ID"):
        their = their_document(declared.declare_differences)
    assert operation(their, "/both")["operationId"] == operation(their, "/both", "post")["operationId"]
    assert [operation(our, "/both", method)["operationId"] for method in ("get", "post")] == ["both_both_get", "both_both_post"]


def test_streams_are_arrays() -> None:
    their, our = their_document(declared.declare_streams), our_document(declared.declare_streams)
    assert their["paths"].keys() == our["paths"].keys()
    for path, methods in their["paths"].items():
        expected = methods["get"]
        for media in expected["responses"]["200"].get("content", {}).values():
            media["schema"] = {"type": "array", "items": media.pop("itemSchema")}
        assert operation(our, path) == expected


def test_a_model_of_the_users_keeps_its_meaning() -> None:
    def declare(web: Framework, app: Faster) -> None:
        @app.post("/")
        def handler(body: ValidationError) -> None: ...

    reference = operation(their_document(declare), "/", "post")["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert "reason" not in schemas(their_document(declare))[reference.rpartition("/")[2]]["properties"]
    reference = operation(our_document(declare), "/", "post")["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert "reason" in schemas(our_document(declare))[reference.rpartition("/")[2]]["properties"]
    assert "loc" in schemas(our_document(declare))["ValidationError"]["properties"]


def test_null_in_an_example_is_kept() -> None:
    def declare(web: Framework, app: Faster) -> None:
        @app.get("/", responses={200: {"content": {"application/json": {"example": {"best": None}}}}})
        def handler() -> None: ...

    def example(document: dict[str, Any]) -> Any:
        return operation(document, "/")["responses"]["200"]["content"]["application/json"]["example"]

    assert example(their_document(declare)) == {}
    assert example(our_document(declare)) == {"best": None}


def test_a_url_stays_as_it_is() -> None:
    def declare(web: Framework, app: Faster) -> None: ...

    options = {"openapi_external_docs": {"url": "http://example.com"}}
    assert their_document(declare, **options)["externalDocs"]["url"] == "http://example.com/"
    assert our_document(declare, **options)["externalDocs"]["url"] == "http://example.com"


def test_the_strict_form_says_what_is_a_password() -> None:
    def declare(web: Framework, app: Faster) -> None:
        @app.post("/")
        def token(form: Any = web.Depends(web.security.OAuth2PasswordRequestFormStrict)) -> None: ...

    assert "format" not in schemas(their_document(declare))["Body_token__post"]["properties"]["password"]
    assert schemas(our_document(declare))["Body_token__post"]["properties"]["password"]["format"] == "password"


def test_the_fields_of_a_model_stand_among_those_of_its_form() -> None:
    def declare(web: Framework, app: Faster) -> None:
        model = web.model("Person", {"name": (str, ...), "age": (int, 3)})

        @app.post("/")
        def form(person: Annotated[model, web.Form()], note: Annotated[str, web.Form()]) -> None: ...  # type: ignore[valid-type]

    assert "name" not in schemas(their_document(declare))["Body_form__post"]["properties"]
    body = schemas(our_document(declare))["Body_form__post"]
    assert list(body["properties"]) == ["name", "age", "note"]
    assert body["required"] == ["name", "note"]


def test_a_docstring_leaves_no_line_break(their: dict[str, Any], our: dict[str, Any]) -> None:
    assert schemas(their)["Halves"]["description"] == "Given, made or passed.\n\n"
    assert schemas(our)["Halves-Input"]["description"] == "Given, made or passed."


def test_the_name_of_a_scheme_is_one_that_a_component_may_have() -> None:
    def declare(web: Framework, app: Faster) -> None:
        @app.get("/", dependencies=[web.Depends(web.security.HTTPBearer(scheme_name="by bearer"))])
        def handler() -> None: ...

    assert operation(their_document(declare), "/")["security"] == [{"by bearer": []}]
    assert operation(our_document(declare), "/")["security"] == [{"by_bearer": []}]
    assert list(our_document(declare)["components"]["securitySchemes"]) == ["by_bearer"]
