from typing import Annotated, Any

import msgspec
import pydantic
import pytest

from fasterapi import Faster, File, Form, GraphError, UploadFile
from fasterapi.testing import TestClient
from tests.side_by_side import SideBySide


class TheirLogin(pydantic.BaseModel):
    name: str
    age: int = 3
    tags: list[str] = []


class OurLogin(msgspec.Struct):
    name: str
    age: int = 3
    tags: list[str] = []


class TheirStrict(pydantic.BaseModel, extra="forbid"):
    name: str


class OurStrict(msgspec.Struct, forbid_unknown_fields=True):
    name: str


def declare(framework: Any, app: Faster, log: list[Any]) -> None:
    form, file, depends = framework.Form, framework.File, framework.Depends
    upload: Any = framework.UploadFile
    is_ours = framework.__name__ == "fasterapi"
    login_model: Any = OurLogin if is_ours else TheirLogin
    strict_model: Any = OurStrict if is_ours else TheirStrict

    @app.post("/fields")
    async def fields(
        name: str = form(), age: Annotated[int, form(ge=1)] = 5, flag: bool = form(False), note: str | None = form(None)
    ) -> Any:
        return [name, age, flag, note]

    @app.post("/alias")
    async def alias(name: Annotated[str, form(alias="the-name", min_length=2)]) -> Any:
        return name

    @app.post("/lists")
    async def lists(numbers: list[int] = form(), words: Annotated[set[str] | None, form()] = None) -> Any:
        return [numbers, words and sorted(words)]

    @app.post("/model")
    async def model(login: Annotated[login_model, form()]) -> Any:
        return [login.name, login.age, login.tags]

    @app.post("/strict-model")
    async def strict(login: Annotated[strict_model, form()]) -> Any:
        return login.name

    async def provider(token: str = form()) -> Any:
        return token

    @app.post("/provided")
    async def provided(name: str = form(), token: Any = depends(provider)) -> Any:
        return [name, token]

    @app.post("/bytes")
    async def as_bytes(content: bytes = file(), note: str = form("none")) -> Any:
        return [len(content), note]

    @app.post("/upload")
    async def as_upload(photo: upload) -> Any:
        return [photo.filename, photo.content_type, photo.size, (await photo.read()).decode()]

    @app.post("/optional-upload")
    async def optional_upload(photo: upload | None = None, content: bytes | None = file(None)) -> Any:
        return [photo and photo.filename, content and len(content)]

    @app.post("/uploads")
    async def uploads(photos: list[upload], contents: list[bytes] = file([])) -> Any:
        return [[photo.filename for photo in photos], [len(content) for content in contents]]


@pytest.fixture(scope="module")
def apps() -> SideBySide:
    return SideBySide(declare)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"name": "Ann"},
        {"name": "Ann", "age": "7", "flag": "on", "note": "n"},
        {"name": "", "age": "", "flag": ""},
        {"name": ["a", "b"], "age": "0", "flag": "maybe"},
        {"the-name": "A"},
        {"the-name": "Ann", "numbers": ["1", "2"], "words": ["b", "a"]},
        {"numbers": ["1", "x"], "words": ""},
        {"name": "Ann", "age": "x", "tags": ["t", "u"], "unknown": "1"},
        {"name": "Ann", "token": "t"},
    ],
)
@pytest.mark.parametrize("url", ["/fields", "/alias", "/lists", "/model", "/strict-model", "/provided"])
@pytest.mark.parametrize("encoding", ["urlencoded", "multipart"])
def test_fields(apps: SideBySide, url: str, data: dict[str, Any], encoding: str) -> None:
    files: Any = {"unasked": (None, b"a field without a file name")} if encoding == "multipart" else None
    apps.post(url, data=data, files=files)


@pytest.mark.parametrize(
    "files",
    [
        {"photo": ("p.png", b"png", "image/png")},
        {"photo": ("", b"", "application/octet-stream")},
        {"content": ("c.bin", b"content")},
        {"unasked": b""},
        [("photos", ("a", b"1")), ("photos", ("b", b"22")), ("contents", ("c", b"333")), ("contents", ("d", b"4444"))],
    ],
)
@pytest.mark.parametrize("url", ["/bytes", "/upload", "/optional-upload", "/uploads"])
def test_files(apps: SideBySide, url: str, files: Any) -> None:
    apps.post(url, files=files)


@pytest.mark.parametrize("url", ["/bytes", "/optional-upload"])
def test_text_for_a_file(apps: SideBySide, url: str) -> None:
    apps.post(url, data={"content": "text"})


@pytest.mark.parametrize("url", ["/upload", "/uploads"])
def test_text_for_an_upload_is_refused(apps: SideBySide, url: str) -> None:
    answer = TestClient(apps.ours).post(url, data={"photo": "text", "photos": "text"})
    assert (answer.status_code, answer.json()["detail"][0]["type"]) == (422, "value_error")


@pytest.mark.parametrize("body", [b"", b"not a form"])
def test_a_body_that_is_no_form(apps: SideBySide, body: bytes) -> None:
    apps.post("/fields", content=body, headers={"content-type": "application/json"})


def test_a_malformed_form_is_a_400_that_names_the_fault(apps: SideBySide) -> None:
    answer = TestClient(apps.ours).post("/fields", content=b"--x", headers={"content-type": "multipart/form-data"})
    assert answer.status_code == 400
    assert "boundary" in answer.json()["detail"]


def test_files_are_closed_after_the_answer() -> None:
    app = Faster()
    kept: list[UploadFile] = []

    @app.post("/")
    async def handler(photo: UploadFile) -> None:
        kept.append(photo)
        assert not photo.file.closed

    assert TestClient(app).post("/", files={"photo": b"x"}).status_code == 200
    assert kept[0].file.closed


def test_a_json_body_beside_a_form_is_refused() -> None:
    app = Faster()

    @app.post("/")
    async def handler(login: OurLogin, photo: UploadFile) -> None: ...

    with pytest.raises(GraphError, match=r"parameter 'login' is read from a JSON body, and others from a form"):
        app.compile()


def test_what_a_form_cannot_give_is_refused() -> None:
    app = Faster()

    @app.post("/")
    async def handler(logins: list[OurLogin] = Form(), table: dict[str, int] = File()) -> None: ...

    with pytest.raises(GraphError) as raised:
        app.compile()
    assert [problem.message.split(",")[0][:18] for problem in raised.value.problems] == ["parameter 'logins'", "parameter 'table' "]
