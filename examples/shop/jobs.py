"""Work that goes on behind the answer, and survives a restart where there is Redis."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from taskiq.exceptions import TaskiqError

from fasterapi import Depends
from shop.application import jobs
from shop.database import Order, get_session
from shop.models import Notice
from shop.shared import notices_for

logger = logging.getLogger(__name__)


@jobs.named("confirm-orders")
async def confirm_orders(session: AsyncSession = Depends(get_session)) -> None:
    """Confirm all orders that wait for it: that of who put the job off, and any whose job was lost. It may run twice."""
    waiting = select(Order).where(Order.status == "placed").order_by(Order.id).with_for_update(skip_locked=True)
    orders = (await session.scalars(waiting)).all()
    for order in orders:
        order.status = "confirmed"
    await session.commit()
    for order in orders:
        await notices_for(order.account_id).publish(Notice(order_id=order.id, status=order.status))


async def confirm_soon() -> None:
    try:
        await confirm_orders.kiq()
    except TaskiqError as fault:
        # The order is placed all the same, and waits for the next one's job.
        logger.warning("An order is confirmed later: %s", fault)
