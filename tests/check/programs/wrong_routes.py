"""Routes that are never called."""

from fasterapi import Faster, FasterRouter

app = Faster()
router = FasterRouter()


@app.get("/items/{item_id}")
async def read_item(item_id: int) -> None: ...


@app.get("/items/{name}")
async def read_named(name: str) -> None: ...


@app.get("/items/all")
async def read_all() -> None: ...


@router.api_route("/items/{key}", methods=["GET", "PUT", "POST"])
async def write_item(key: str) -> None: ...


@router.post("/items/{key}")
async def add_item(key: str) -> None: ...


app.include_router(router)
