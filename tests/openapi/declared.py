"""Routes that are declared under FastAPI and under fasterapi alike. None of them is ever called."""

# Handlers without bodies, and annotations that are another class under each framework.
# mypy: disable-error-code="empty-body, name-defined, valid-type"

import datetime as dt
import decimal
import uuid
from collections.abc import AsyncIterable, Iterable
from typing import Annotated, Any, Literal, Optional, Union

from fasterapi import Faster, FasterRouter
from tests.openapi.frameworks import Framework
from tests.openapi.models import (
    Basket,
    Box,
    Choices,
    Color,
    Containers,
    Halves,
    Item,
    Money,
    Node,
    Options,
    Point,
    Purse,
    Scalars,
)


def declare_bodies(web: Framework, app: Faster) -> None:
    @app.post("/scalars")
    def scalars(body: Scalars) -> Scalars:
        """Read and write.

        * all scalars
        \f
        not for readers
        """

    @app.post("/choices")
    def choices(body: Choices) -> list[Choices]: ...

    @app.post("/containers")
    def containers(body: Containers) -> dict[str, Containers]: ...

    @app.post("/several")
    def several(item: Item, options: Options, number: Annotated[int, web.Body()] = 4) -> Basket: ...

    @app.post("/optional")
    def optional(item: Annotated[Item | None, web.Body()] = None) -> None: ...

    @app.post("/whole")
    def whole(numbers: list[int] = web.Body(examples=[[1]], description="some numbers")) -> int: ...

    @app.post("/embedded")
    def embedded(item: Annotated[Item, web.Body(embed=True, media_type="application/vnd.item+json")]) -> Item | None: ...

    @app.post("/examples")
    def examples(item: Item = web.Body(Item(1), openapi_examples={"one": {"value": {"number": 1}}})) -> Union[Item, Basket]: ...

    @app.put("/all-optional")
    def all_optional(
        items: list[Item] | None = None,
        number: Annotated[int, web.Body(description="more than three", gt=3, examples=[4])] = 5,
        box: Optional[Box[int]] = None,
    ) -> None: ...


def declare_money(web: Framework, app: Faster) -> None:
    @app.post("/money")
    def money(body: Money) -> Money: ...

    @app.post("/purse")
    def purse(body: list[Purse]) -> Purse: ...

    @app.get("/price")
    def price(least: decimal.Decimal = decimal.Decimal("1.5")) -> decimal.Decimal: ...


def declare_parameters(web: Framework, app: Faster) -> None:
    @app.get("/query")
    def query(
        needed: int,
        renamed: Annotated[
            str | None, web.Query(max_length=4, alias="other-name", description="D", deprecated=True, examples=["x"])
        ] = None,
        many: list[int] = web.Query([]),
        made: list[str] = web.Query(default_factory=list),
        color: Color = Color.RED,
        moment: dt.datetime = dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
        with_examples: Annotated[int, web.Query(openapi_examples={"a": {"value": 1}})] = 3,
        flag: bool = True,
        fraction: float = web.Query(ge=1.5),
        hidden: int = web.Query(3, include_in_schema=False),
        titled: int = web.Query(3, title="My title", json_schema_extra={"x-a": [1]}),
        literal: Literal["a", "b"] = "a",
    ) -> None: ...

    @app.get("/elsewhere")
    def elsewhere(
        accept: Annotated[str, web.Header()] = "x",
        user_agent: Annotated[list[str] | None, web.Header()] = None,
        under_score: Annotated[str, web.Header(convert_underscores=False)] = "x",
        session: str | None = web.Cookie(None, description="a session"),
    ) -> None: ...

    @app.get("/path/{first}/{second:path}/{third}")
    def path(third: uuid.UUID, second: str, first: Annotated[int, web.Path(ge=1, title="the first")]) -> None: ...


def declare_groups(web: Framework, app: Faster) -> None:
    page = web.model("Page", {"limit": (Annotated[int, web.note(le=100, description="how many")], 10), "tags": (list[str], [])})
    head = web.model("Head", {"x_token": (str, ...), "if_match": (str | None, None)})
    form = web.model("Form", {"name": (str, ...), "age": (int, 3)})

    @app.get("/page")
    def read_page(page: Annotated[page, web.Query()]) -> None: ...

    @app.get("/head")
    def read_head(head: Annotated[head, web.Header()]) -> None: ...

    @app.post("/form")
    def read_form(form: Annotated[form, web.Form()]) -> None: ...


def declare_models(web: Framework, app: Faster) -> None:
    item = web.model("Item", {"first": (int, ...), "camel_case": (list[int], [])}, rename=True, alone=True)
    cat = web.tagged("Cat", "cat", {"lives": (int, 9)})
    dog = web.tagged("Dog", "dog", {"loud": (bool, ...)})
    pet = web.union(cat, dog)
    holder = web.model("Holder", {"pet": (pet, ...), "pets": (list[pet], ...)})

    @app.post("/item")
    def read_item(item: item) -> item: ...

    @app.post("/pets")
    def read_pets(holder: holder) -> holder: ...


def declare_forms(web: Framework, app: Faster) -> None:
    @app.post("/files")
    def files(
        number: Annotated[int, web.Form()],
        upload: web.UploadFile,
        uploads: list[web.UploadFile],
        content: Annotated[bytes, web.File()],
        text: Annotated[str | None, web.Form()] = None,
        optional: web.UploadFile | None = None,
        optional_many: list[web.UploadFile] | None = None,
    ) -> None: ...

    @app.post("/form-field")
    def form_field(number: Annotated[int, web.Form()]) -> None: ...

    @app.post("/described")
    def described(
        uploads: Annotated[list[web.UploadFile], web.File(description="some")],
        text: Annotated[str, web.Form(alias="Text")] = "s",
    ) -> None: ...


def declare_responses(web: Framework, app: Faster) -> None:
    responses: dict[int | str, dict[str, Any]] = {
        404: {"model": Item},
        "4XX": {"description": "bad"},
        "default": {"description": "else", "model": list[Item]},
        201: {"content": {"image/png": {}}},
        418: {
            "model": Item,
            "description": "tea",
            "content": {"application/json": {"example": {"number": 3}}},
            "headers": {"X-A": {"schema": {"type": "string"}}},
        },
    }

    @app.get("/redirect", response_class=web.responses.RedirectResponse)
    def redirect() -> None: ...

    @app.get(
        "/page",
        response_class=web.responses.HTMLResponse,
        status_code=201,
        responses=responses,
    )
    def page() -> str: ...

    @app.get("/nothing", status_code=204)
    def nothing() -> None: ...

    @app.get("/plain", response_class=web.responses.PlainTextResponse)
    def plain() -> str: ...

    @app.get("/any", response_class=web.responses.Response)
    def any_response() -> None: ...

    @app.get("/returned")
    def returned() -> web.responses.JSONResponse: ...

    @app.get(
        "/said",
        responses={200: {"description": "good", "content": {"application/json": {"example": {"number": 3}}}}},
        tags=["a", Color.RED],
        summary="A summary",
        description="A description",
        response_description="An answer",
        deprecated=True,
        operation_id="said",
        openapi_extra={"x-q": {"a": 1}, "tags": ["more"], "responses": {"200": {"x-r": 1}}},
    )
    def said() -> Item | None: ...

    @app.get("/no-model", response_model=None)
    def no_model() -> Item: ...

    @app.get("/other-model", response_model=list[Item])
    def other_model() -> Any: ...

    @app.get("/hidden", include_in_schema=False)
    def hidden() -> Basket: ...

    @app.post("/faults", responses={422: {"description": "ours"}})
    def faults(item: Item) -> None: ...


def declare_streams(web: Framework, app: Faster) -> None:
    @app.get("/lines")
    async def lines() -> AsyncIterable[Item]:
        yield Item(1)

    @app.get("/undeclared")
    def undeclared():  # type: ignore[no-untyped-def]  # as its name says
        yield Item(1)

    @app.get("/events", response_class=web.sse.EventSourceResponse)
    async def events() -> AsyncIterable[Item]:
        yield Item(1)

    @app.get("/whole-events", response_class=web.sse.EventSourceResponse)
    async def whole_events() -> AsyncIterable[web.sse.ServerSentEvent]:
        yield web.sse.ServerSentEvent()

    @app.get("/pieces", response_class=web.responses.StreamingResponse)
    def pieces() -> Iterable[bytes]:
        yield b"piece"


def declare_dependencies(web: Framework, app: Faster) -> None:
    security = web.security
    oauth = security.OAuth2PasswordBearer("token", scopes={"a": "A", "b": "B"}, description="sign in")
    key = security.APIKeyHeader(name="X-Key", auto_error=False)

    def inner(shared: int, token: Annotated[str, web.Header(alias="X-Token")]) -> None: ...

    def outer(text: str = "a", part: Annotated[int, web.Body()] = 3, inner: None = web.Depends(inner)) -> None: ...

    def user(token: Annotated[str, web.Depends(oauth)], scopes: security.SecurityScopes) -> None: ...

    def active(user: None = web.Security(user, scopes=["a"])) -> None: ...

    @app.post("/dependencies", dependencies=[web.Depends(inner)])
    def dependencies(first: Annotated[None, web.Depends(outer)], own: int, body: Annotated[str, web.Body()]) -> None: ...

    @app.get("/optional-and-not")
    def optional_and_not(shared: int | None = None, inner: None = web.Depends(inner)) -> None: ...

    @app.get("/secured")
    def secured(
        user: None = web.Security(active, scopes=["b"]),
        key: str | None = web.Depends(key),
        basic: Any = web.Depends(security.HTTPBasic()),
        bearer: Any = web.Depends(security.HTTPBearer(bearerFormat="JWT", scheme_name="by-bearer")),
    ) -> None: ...

    schemes = [
        security.OAuth2AuthorizationCodeBearer("http://sign.in/auth", "http://sign.in/token", refreshUrl="http://sign.in/again"),
        security.OpenIdConnect(openIdConnectUrl="http://sign.in/open-id"),
        security.APIKeyQuery(name="key"),
        security.APIKeyCookie(name="key", description="a key"),
        security.HTTPDigest(),
    ]

    @app.get("/all-schemes", dependencies=[web.Depends(scheme) for scheme in schemes])
    def all_schemes() -> None: ...

    @app.post("/token")
    def token(form: security.OAuth2PasswordRequestForm = web.Depends()) -> None: ...


def declare_groups_of_routes(web: Framework, app: Faster) -> None:
    callbacks: FasterRouter = web.APIRouter()
    inner: FasterRouter = web.APIRouter(prefix="/inner", tags=["inner"])
    outer: FasterRouter = web.APIRouter(tags=["outer"])

    @callbacks.post("{$callback_url}/invoices/{$request.body.number}")
    def invoice(body: Item) -> Basket: ...

    @app.post("/callbacks", callbacks=callbacks.routes)
    def with_callbacks(callback_url: str) -> None: ...

    @app.webhooks.post("new-item")
    def new_item(body: Item) -> None:
        """Told when there is a new item."""

    @inner.get("/{number}", responses={405: {"description": "no"}})
    def read(number: int) -> None: ...

    outer.include_router(inner, prefix="/outer", responses={403: {"description": "not yours"}})
    app.include_router(outer, tags=["app"], deprecated=True, generate_unique_id_function=lambda route: f"{route.tags[0]}-{route.name}")


def declare_differences(web: Framework, app: Faster) -> None:
    @app.post("/node")
    def node(body: Node) -> Node: ...

    @app.post("/halves")
    def halves(body: Halves) -> Halves: ...

    @app.post("/point")
    def point(body: Point) -> Point: ...

    @app.api_route("/both", methods=["GET", "POST"])
    def both() -> None: ...
