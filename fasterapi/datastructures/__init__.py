"""The small types that requests and responses are made of."""

from __future__ import annotations

from fasterapi.datastructures.address import Address as Address
from fasterapi.datastructures.headers import Headers as Headers
from fasterapi.datastructures.headers import MutableHeaders as MutableHeaders
from fasterapi.datastructures.multidict import ImmutableMultiDict as ImmutableMultiDict
from fasterapi.datastructures.query_params import QueryParams as QueryParams
from fasterapi.datastructures.state import State as State
from fasterapi.datastructures.url import URL as URL
from fasterapi.datastructures.url_path import URLPath as URLPath

__all__ = ["URL", "Address", "Headers", "ImmutableMultiDict", "MutableHeaders", "QueryParams", "State", "URLPath"]
