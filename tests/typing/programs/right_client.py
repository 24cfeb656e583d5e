"""What type checkers know of outgoing requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_type

from fasterapi.client import Body, Depends, FastHTTP, Header, Outcome, Response, Results, Router, Session, create_graphql_client


@dataclass
class User:
    id: int
    name: str


app = FastHTTP(base_url="https://api.example.com")
router = Router(prefix="/users")


def get_token() -> str:
    return "token"


@router.put("/{user_id}", response_model=User, tags=["users"], retry=3, timeout=5)
async def rename(
    user: User, user_id: int, changes: dict[str, str] = Body(), token: str = Depends(get_token), x_reason: str = Header("none")
) -> User:
    return user


@app.get("/health", headers={"X-A": "1"}, auth=("user", "password"))
def health(response: Response) -> int:
    return response.status_code


@app.graphql("/graphql", query="{ user { name } }")
async def asks(data: dict[str, User]) -> User:
    return data["user"]


@app.graphql("/graphql")
async def gives(response: Response) -> str:
    return "{ user { name } }"


results = app.run(tags=["users"])
assert_type(results, Results)
assert_type(results[rename], Outcome[User])
assert_type(results[rename].value, User)
assert_type(results[health].value, int)
assert_type(results[asks].value, User)
assert_type(results[gives].value, Any)
assert_type(results["rename"].value, Any)
assert_type(results[0], Outcome[Any])


async def main(response: Response) -> None:
    assert_type(await app.call(rename, user_id=1), User)
    assert_type(await app.call(rename, 1, {"name": "Ada"}), User)
    assert_type(await app.call(health), int)
    assert_type(response.json(User), User)
    assert_type(response.json(list[User]), list[User])
    assert_type(response.json(), Any)
    assert_type(response.raise_for_status(), Response)
    assert_type(response.headers.get("etag"), str | None)
    async with create_graphql_client("https://api.example.com/graphql") as client:
        assert_type(await client.query("{ user { id } }", type=User), User)
        assert_type(await client.mutation("mutation { a }"), Any)


def synchronous(session: Session) -> None:
    assert_type(session.get("/users/1", params={"page": 1}).json(User), User)
