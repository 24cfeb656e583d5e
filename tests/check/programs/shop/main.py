from __future__ import annotations

from fasterapi import Faster

from .orders import router as orders  # noqa: TID252
from .users import router as users  # noqa: TID252


class Applications:
    app = Faster()


Applications.app.include_router(orders, prefix="/orders")
Applications.app.include_router(users)
