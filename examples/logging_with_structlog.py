"""Logs that name their request.

    pip install 'fasterapi-framework[structlog]'
    uvicorn logging_with_structlog:app --no-access-log

Ask for `curl -i -H 'X-Request-ID: mine' localhost:8000/orders/7`.
"""

from __future__ import annotations

import logging

import structlog

from fasterapi import Faster
from fasterapi.contrib.request_id import RequestIDMiddleware, request_id
from fasterapi.contrib.structlog import RequestLogMiddleware, configure_structlog

configure_structlog(json_format=True, log_level="INFO")

app = Faster()
app.add_middleware(RequestLogMiddleware, exclude_paths=["/livez"])
# Added last, so it stands around the other: its id is in the line of the request, too.
app.add_middleware(RequestIDMiddleware)

logger = structlog.get_logger()


@app.get("/orders/{order_id}")
async def read_order(order_id: int) -> dict[str, object]:
    structlog.contextvars.bind_contextvars(order_id=order_id)
    logger.info("looking the order up")
    logging.getLogger("of.a.library").warning("what libraries log is in the same stream")
    return {"order_id": order_id, "request_id": request_id()}


@app.get("/livez")
async def live() -> None:
    return None
