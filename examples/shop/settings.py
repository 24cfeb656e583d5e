"""What differs from place to place."""

from __future__ import annotations

import os
from collections.abc import Mapping

import msgspec


class Settings(msgspec.Struct, frozen=True):
    """Each field is the environment variable `SHOP_` and its name: `SHOP_DATABASE_URL`."""

    database_url: str = "sqlite:///shop.db"
    redis_url: str | None = None
    """Where several processes share what one keeps in memory."""
    secret: str | None = None
    """Signs tokens. Without one every start makes its own, and all have to log in again."""
    pictures: str = "shop-pictures"
    """The folder of uploaded pictures."""
    admin_password: str | None = None
    """Of the account `admin`, which is made in an empty database."""
    password_memory: int = 65_536
    """KiB that hashing a password takes: as many as the machine has to spare for each processor."""
    requests_per_minute: int = 600
    """Of one client."""
    json_logs: bool = False

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Settings:
        variables = {name: f"SHOP_{name.upper()}" for name in cls.__struct_fields__}
        given = {name: environment[variable] for name, variable in variables.items() if variable in environment}
        # Not strict: what an environment holds is text.
        return msgspec.convert(given, cls, strict=False)


settings = Settings.read(os.environ)
