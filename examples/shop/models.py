"""What requests bring and answers give."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

# What a column holds; a larger number would be an error of the database.
Id = Annotated[int, Meta(ge=1, le=2**31 - 1)]
# Without control characters, of which PostgreSQL takes no NUL.
Name = Annotated[str, Meta(min_length=1, max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
LOGIN_NAME = "[a-z0-9_-]{2,30}"
Cents = Annotated[int, Meta(ge=0, le=100_000_000)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]


class NewAccount(Struct):
    name: Annotated[str, Meta(pattern=f"^{LOGIN_NAME}$")]
    password: Annotated[str, Meta(min_length=10, max_length=200)]


class AccountShown(Struct):
    id: int
    name: str


class NewProduct(Struct):
    name: Name
    cents: Cents
    stock: Count = 0


class ProductShown(Struct):
    id: int
    name: str
    cents: int
    stock: int
    picture: str | None


class NewOrder(Struct):
    product_id: Id
    quantity: Annotated[int, Meta(ge=1, le=100)] = 1


class OrderShown(Struct):
    id: int
    product: str
    quantity: int
    cents: int
    status: str
    placed_at: datetime


class Notice(Struct):
    """What a buyer is told of an order."""

    order_id: int
    status: str
