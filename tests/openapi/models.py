"""Models that FastAPI and fasterapi both take."""

import datetime as dt
import decimal
import enum
import ipaddress
import pathlib
import uuid
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import InitVar, dataclass, field
from typing import Annotated, Any, Generic, Literal, NamedTuple, Optional, TypeVar

from pydantic import Field
from typing_extensions import Required, TypeAliasType, TypedDict

T = TypeVar("T")


class Color(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


class Number(enum.IntEnum):
    ONE = 1
    TWO = 2


class Mixed(enum.Enum):
    A = "a"
    B = 1


class Single(enum.Enum):
    A = "a"


class Options(TypedDict, total=False):
    """What may be chosen."""

    wanted: Required[int]
    other: str


@dataclass
class Item:
    """A thing.

    It has a number.
    """

    number: int
    count: int = 3


@dataclass
class Basket:
    name: str
    items: list[Item] = field(default_factory=list)
    best: Item | None = None


@dataclass
class Box(Generic[T]):
    content: T


@dataclass
class Money:
    amount: decimal.Decimal
    least: Annotated[decimal.Decimal, Field(ge=3)] = decimal.Decimal("3.5")


@dataclass
class Purse:
    money: Money


class Point(NamedTuple):
    """A place."""

    x: int
    y: str = "y"


@dataclass
class Halves:
    """Given, made or passed.

    \f
    Not for readers.
    """

    given: int
    made: int = field(init=False, default=3)
    passed: InitVar[int] = 5


@dataclass
class Node:
    after: "Node | None" = None


Numbers = TypeAliasType("Numbers", list[int])


@dataclass
class Scalars:
    whole: Annotated[int, Field(ge=1, lt=10, description="from one to nine")]
    day: dt.date
    clock: dt.time
    moment: dt.datetime
    identity: uuid.UUID
    path: pathlib.Path
    address: ipaddress.IPv4Address
    address6: ipaddress.IPv6Address
    network: ipaddress.IPv6Network
    interface: ipaddress.IPv6Interface
    anything: Any
    some_object: object
    noted: Annotated[int, Field(examples=[1, 2], title="A title", json_schema_extra={"x-a": 1}, deprecated=True)]
    few_bytes: Annotated[bytes, Field(min_length=3)]
    late_day: Annotated[dt.date, Field(ge=dt.date(2020, 1, 1))]
    fraction: float = 1.5
    text: Annotated[str, Field(min_length=1, max_length=3, pattern="^a")] = "a"
    flag: bool = False
    some_bytes: bytes = b"x"
    span: dt.timedelta = dt.timedelta(seconds=3)
    nothing: None = None


@dataclass
class Choices:
    color: Color
    number: Number
    mixed: Mixed
    single: Single
    text_or_number: Literal["a", 1]
    one_text: Literal["a"]
    numbers: Literal[1, 2]
    null_or_text: Literal[None, "a"]
    true: Literal[True]
    optional: int | None
    union: int | str | Item
    bounded: Annotated[int, Field(multiple_of=3)] | str
    item: Annotated[Item, Field(description="the item")]
    default_color: Color = Color.RED
    old_optional: Optional[str] = None
    bounded_optional: Annotated[int | None, Field(ge=3)] = None
    described_optional: Annotated[Item | None, Field(description="perhaps an item")] = None


@dataclass
class Containers:
    numbers: Annotated[list[int], Field(min_length=2)]
    bare_list: list  # type: ignore[type-arg]  # without its items
    items: dict[str, Item]
    bare_dict: dict  # type: ignore[type-arg]  # as above
    by_color: dict[Color, int]
    by_number: dict[int, int]
    of_anything: dict[str, Any]
    pair: tuple[int, str]
    many: tuple[int, ...]
    bare_tuple: tuple  # type: ignore[type-arg]  # as above
    empty: tuple[()]
    unique: set[int]
    frozen: frozenset[str]
    options: Options
    basket: Basket
    box: Box[int]
    box_of_options: Box[list[Options]]
    alias: Numbers
    sequence: Sequence[int]
    mapping: Mapping[str, int]
    abstract_set: AbstractSet[int]
    few: Annotated[set[int], Field(max_length=3)]
    keys: dict[Annotated[str, Field(pattern="^a", max_length=3)], int]
    sized: Annotated[dict[str, int], Field(min_length=3)]
    nested: Annotated[list[Annotated[int, Field(gt=3)]], Field(max_length=4)]
    with_null: list[int | None]
    default_pair: tuple[int, str] = (1, "a")
