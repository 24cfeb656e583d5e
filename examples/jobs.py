"""Receipts that are sent by a worker: on Redis with REDIS_URL, in this process without.

pip install 'fasterapi-framework[taskiq]' taskiq-redis
REDIS_URL=redis://127.0.0.1:6379 fasterapi run examples/jobs.py
cd examples && REDIS_URL=redis://127.0.0.1:6379 taskiq worker jobs:broker
"""

from __future__ import annotations

import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from taskiq import AsyncBroker, InMemoryBroker

from fasterapi import Depends, Faster
from fasterapi.contrib.taskiq import Jobs, redis_broker

logger = logging.getLogger("uvicorn.error")


class Order(msgspec.Struct):
    id: int
    to: str


def make_broker() -> AsyncBroker:
    url = os.environ.get("REDIS_URL")
    if not url:
        return InMemoryBroker()
    return redis_broker(url)


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    async with jobs:
        yield


broker = make_broker()
app = Faster(lifespan=lifespan)
jobs = Jobs(app, broker)


async def open_mailbox() -> AsyncIterator[logging.Logger]:
    logger.info("The mailbox opens")
    yield logger
    logger.info("The mailbox closes")


@jobs.named("send-receipt")
async def send_receipt(order: Order, mailbox: logging.Logger = Depends(open_mailbox)) -> None:
    mailbox.info("Order %s: a receipt for %s", order.id, order.to)


@app.post("/orders", status_code=202)
async def take_order(order: Order) -> str:
    await send_receipt.kiq(order)
    return "The receipt is on its way"
