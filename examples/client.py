"""A small API and the client that asks it: `python examples/client.py` runs both."""

from __future__ import annotations

import asyncio

import httpx
import msgspec

from fasterapi import Faster, HTTPException
from fasterapi.client import FastHTTP, HttpxTransport, Response, RetryMiddleware


class User(msgspec.Struct):
    id: int
    name: str


api = Faster()


@api.get("/users/{user_id}", responses={404: {"description": "There is no such user"}})
async def read_user(user_id: int) -> User:
    if user_id > 2:
        raise HTTPException(404, "no such user")
    return User(user_id, ["Ada", "Grace"][user_id - 1])


client = FastHTTP(
    base_url="http://api.example",
    middleware=RetryMiddleware(max_retries=2),
    # The API runs in the same program; without this line requests go over the network.
    transport=HttpxTransport(httpx.ASGITransport(api)),
)


@client.get("/users/{user_id}", path_params={"user_id": 1})
async def get_name(user: User, user_id: int) -> str:
    return user.name


@client.get("/users/3")
async def get_status(response: Response) -> int:
    return response.status_code


async def main() -> None:
    results = await client.arun()
    print(results[get_name].value, results[get_status].value)
    async with client:
        names = await asyncio.gather(*(client.call(get_name, user_id=number) for number in (1, 2)))
    print(names)


if __name__ == "__main__":
    asyncio.run(main())
