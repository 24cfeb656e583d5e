"""The tables, and the session of a request."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import CheckConstraint, DateTime, Dialect, ForeignKey, TypeDecorator
from sqlalchemy.ext.asyncio import async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from typing_extensions import override

from fasterapi.contrib.sqlalchemy import async_engine_from_url, sqlalchemy_session_dependency
from shop.settings import settings

engine = async_engine_from_url(settings.database_url)
sessions = async_sessionmaker(engine, expire_on_commit=False)
get_session = sqlalchemy_session_dependency(sessions)


class Base(DeclarativeBase):
    pass


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, of which SQLite forgets the zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Account(Base):
    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    password_hash: Mapped[str]
    scopes: Mapped[str] = mapped_column(default="")


class Product(Base):
    __tablename__ = "products"
    __table_args__ = (CheckConstraint("stock >= 0"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(index=True)
    cents: Mapped[int]
    stock: Mapped[int]
    picture: Mapped[str | None]


class Order(Base):
    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    # What was bought stays on the order, whatever becomes of the product.
    product: Mapped[str]
    quantity: Mapped[int]
    cents: Mapped[int]
    status: Mapped[str] = mapped_column(default="placed")
    placed_at: Mapped[datetime] = mapped_column(Moment, default=lambda: datetime.now(UTC))
