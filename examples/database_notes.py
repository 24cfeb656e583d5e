"""Notes in a database: SQLite, or whatever DATABASE_URL names.

pip install 'fasterapi-framework[sqlalchemy]' aiosqlite
fasterapi run examples/database_notes.py
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from fasterapi import Depends, Faster, HTTPException, Query
from fasterapi.contrib.sqlalchemy import async_engine_from_url, sqlalchemy_session_dependency


class Base(DeclarativeBase):
    pass


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str]


class NoteIn(msgspec.Struct):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class NoteOut(msgspec.Struct):
    id: int
    text: str


engine = async_engine_from_url(os.environ.get("DATABASE_URL", "sqlite:///notes.db"))
get_session = sqlalchemy_session_dependency(async_sessionmaker(engine, expire_on_commit=False))


@asynccontextmanager
async def lifespan(app: Faster) -> AsyncIterator[None]:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    yield
    await engine.dispose()


app = Faster(lifespan=lifespan)


@app.post("/notes", status_code=201)
async def add_note(note: NoteIn, session: AsyncSession = Depends(get_session)) -> NoteOut:
    row = Note(text=note.text)
    session.add(row)
    await session.flush()
    return NoteOut(row.id, row.text)


@app.get("/notes")
async def list_notes(limit: int = Query(20, ge=1, le=100), session: AsyncSession = Depends(get_session)) -> list[NoteOut]:
    rows = await session.scalars(select(Note).order_by(Note.id).limit(limit))
    return [NoteOut(row.id, row.text) for row in rows]


@app.get("/notes/{note_id}", responses={404: {"description": "There is no such note"}})
async def read_note(note_id: int, session: AsyncSession = Depends(get_session)) -> NoteOut:
    row = await session.get(Note, note_id)
    if row is None:
        raise HTTPException(404, f"There is no note {note_id}")
    return NoteOut(row.id, row.text)
