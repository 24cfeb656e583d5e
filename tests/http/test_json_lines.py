from __future__ import annotations

import msgspec

from fasterapi import JSONLinesResponse
from tests.http.test_streaming import answered


async def test_a_value_is_a_line() -> None:
    status, headers, pieces = await answered(JSONLinesResponse([{"a": "é\n"}, None, 1], 201))
    assert (status, headers) == (201, [(b"content-type", b"application/jsonl")])
    assert pieces == ['{"a":"é\\n"}\n'.encode(), b"null\n", b"1\n"]


async def test_encoded_json_stays_on_its_line() -> None:
    assert (await answered(JSONLinesResponse([msgspec.Raw(b'{\r\n"a":\n1}')])))[2] == [b'{  "a": 1}\n']
