"""Orders: placed by a request, confirmed by a job."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from fasterapi import Depends, FasterRouter, HTTPException
from shop.database import Account, Order, Product, get_session
from shop.identity import current_account
from shop.jobs import confirm_soon
from shop.models import NewOrder, OrderShown
from shop.shared import forget_products

router = FasterRouter(prefix="/orders", tags=["orders"], responses={401: {"description": "There is no valid token"}})


@router.post("", status_code=201, response_model=OrderShown, responses={409: {"description": "There is not enough of it"}})
async def place_order(new: NewOrder, account: Account = Depends(current_account), session: AsyncSession = Depends(get_session)) -> Order:
    """Order a product that is in stock. What becomes of the order is told at `/notices`."""
    # One statement that looks and takes: of two buyers one gets the last piece.
    taken = await session.execute(
        update(Product)
        .where(Product.id == new.product_id, Product.stock >= new.quantity)
        .values(stock=Product.stock - new.quantity)
        .returning(Product.name, Product.cents)
    )
    sold = taken.one_or_none()
    if sold is None:
        raise HTTPException(409, f"There are not {new.quantity} of product {new.product_id}")
    order = Order(account_id=account.id, product=sold.name, quantity=new.quantity, cents=sold.cents * new.quantity)
    session.add(order)
    # Before the job is put off: it has to find the order.
    await session.commit()
    await forget_products()
    await confirm_soon()
    return order


@router.get("", response_model=list[OrderShown])
async def list_orders(account: Account = Depends(current_account), session: AsyncSession = Depends(get_session)) -> Sequence[Order]:
    """List one's own orders, the newest first."""
    found = await session.scalars(select(Order).where(Order.account_id == account.id).order_by(Order.id.desc()).limit(100))
    return found.all()
