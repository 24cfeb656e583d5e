from collections.abc import Iterator


class Session: ...


class Database:
    def session(self) -> Iterator[Session]:
        yield Session()

    def name(self) -> str:
        return ""


database = Database()
