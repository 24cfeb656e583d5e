"""Products: for everybody to see, for some to change."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from fasterapi import Depends, FasterRouter, HTTPException, Query, Security, UploadFile
from fasterapi.contrib.cache import cached
from shop.database import Product, get_session
from shop.identity import CATALOGUE, bearer
from shop.models import Id, Name, NewProduct, ProductShown
from shop.pictures import LARGEST_PICTURE, delete_picture, keep_picture
from shop.shared import forget_products

router = FasterRouter(prefix="/products", tags=["products"])
staff = Security(bearer, scopes=[CATALOGUE])

MISSING = {404: {"description": "There is no such product"}}
REFUSED = {401: {"description": "There is no valid token"}, 403: {"description": "The token is not for the catalogue"}}


async def find_product(product_id: Id, session: AsyncSession = Depends(get_session)) -> Product:
    product = await session.get(Product, product_id)
    if product is None:
        raise HTTPException(404, f"There is no product {product_id}")
    return product


@router.get("", response_model=list[ProductShown])
@cached(ttl=60, tags=["products"], for_everyone=True)
async def list_products(
    search: Name | None = None,
    after: Id | None = Query(None, description="The id of the last product of the page before"),
    limit: int = Query(20, ge=1, le=100),
    session: AsyncSession = Depends(get_session),
) -> Sequence[Product]:
    """List what is sold, page by page."""
    wanted = select(Product).where(Product.id > (after or 0)).order_by(Product.id).limit(limit)
    if search is not None:
        wanted = wanted.where(Product.name.icontains(search, autoescape=True))
    return (await session.scalars(wanted)).all()


@router.get("/{product_id}", response_model=ProductShown, responses=MISSING)
@cached(ttl=60, tags=["products"], for_everyone=True)
async def read_product(product: Product = Depends(find_product)) -> Product:
    """Read one product."""
    return product


@router.post("", status_code=201, response_model=ProductShown, responses=REFUSED, dependencies=[staff])
async def add_product(new: NewProduct, session: AsyncSession = Depends(get_session)) -> Product:
    """Add a product."""
    product = Product(name=new.name, cents=new.cents, stock=new.stock)
    session.add(product)
    await session.commit()
    await forget_products()
    return product


@router.put("/{product_id}", response_model=ProductShown, responses=MISSING | REFUSED, dependencies=[staff])
async def change_product(
    new: NewProduct, product: Product = Depends(find_product), session: AsyncSession = Depends(get_session)
) -> Product:
    """Change a product."""
    product.name, product.cents, product.stock = new.name, new.cents, new.stock
    await session.commit()
    await forget_products()
    return product


@router.delete("/{product_id}", status_code=204, responses=MISSING | REFUSED, dependencies=[staff])
async def delete_product(product: Product = Depends(find_product), session: AsyncSession = Depends(get_session)) -> None:
    """Sell a product no longer."""
    await session.delete(product)
    await session.commit()
    await forget_products()
    await delete_picture(product.picture)


@router.put(
    "/{product_id}/picture",
    response_model=ProductShown,
    responses=MISSING | REFUSED | {413: {"description": "It is too large"}, 415: {"description": "It is no picture"}},
    dependencies=[staff],
    max_body_size=LARGEST_PICTURE,
)
async def change_picture(
    file: UploadFile, product: Product = Depends(find_product), session: AsyncSession = Depends(get_session)
) -> Product:
    """Give a product a picture: PNG, JPEG or WebP."""
    old, product.picture = product.picture, await keep_picture(file)
    await session.commit()
    await forget_products()
    await delete_picture(old)
    return product
