"""Processes of the contenders, seen from the parent: each runs one application, on the interpreter under test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, TypeVar, cast

from benchmarks.conduct import Conduct, observe
from benchmarks.connection import Connection
from benchmarks.contenders import Contender, ContenderError
from benchmarks.contract import SERVED_ENDPOINTS, Answer, Endpoint, Request, WrongAnswerError
from benchmarks.environment import Environment
from benchmarks.messages import Command, Ready
from benchmarks.progress import say
from benchmarks.websocket_wire import EchoConnection

_ROOT: Final = Path(__file__).resolve().parent.parent
# The repository comes last on the path, and never by itself: an installed fasterapi goes before the sources that stand here.
_BOOTSTRAP: Final = "import sys; sys.path.append(sys.argv.pop(1)); from benchmarks.{module} import main; main()"

_START_TIMEOUT: Final = 120.0
"""Seconds: under valgrind a start takes fifty times as long."""
_START_PAUSE: Final = 0.05


def child_command(python: str, module: str, *arguments: str) -> list[str]:
    """The command line that runs `benchmarks.<module>.main()` on that interpreter."""
    return [python, "-P", "-c", _BOOTSTRAP.format(module=module), str(_ROOT), *arguments]


def child_environment(contender: Contender) -> dict[str, str]:
    """The environment of a contender's process; a fixed hash seed lays its dictionaries out alike in every run."""
    return {**os.environ, "PYTHONHASHSEED": "0", **contender.environment}


def describe(python: str) -> Environment:
    """The environment of that interpreter."""
    output = subprocess.run(child_command(python, "environment"), stdout=subprocess.PIPE, check=True)
    return cast("Environment", json.loads(output.stdout))


class LineProcess:
    """A child that answers in JSON objects, one a line, with `result` or `error` in each."""

    def __init__(self, contender: Contender, command: list[str]) -> None:
        self.contender = contender
        # A session of its own, so that a server is ended together with its workers.
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=child_environment(contender),
            start_new_session=True,
        )
        self._commands = cast("IO[str]", self._process.stdin)
        self._answers = cast("IO[str]", self._process.stdout)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """The process under measurement."""
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None

    def read(self) -> object:
        """The next result; `ContenderError` where the child reports an error or has ended."""
        line = self._answers.readline()
        if not line:
            raise ContenderError(f"{self.contender.name}: its process ended with status {self._process.wait()}")
        answer = json.loads(line)
        if "error" in answer:
            raise ContenderError(f"{self.contender.name}: {answer['error']}")
        result: object = answer["result"]
        return result

    def write(self, message: object) -> None:
        """Send one line; a child that has ended is found by the next `read`."""
        with suppress(BrokenPipeError):
            print(json.dumps(message), file=self._commands, flush=True)

    def close(self) -> None:
        """End the process and what it started, whatever they are doing."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.communicate()


class WorkerProcess(LineProcess):
    """A running `benchmarks.worker`."""

    def __init__(self, python: str, contender: Contender, routes: int | None = None) -> None:
        arguments = [contender.name] if routes is None else [contender.name, str(routes)]
        super().__init__(contender, child_command(python, "worker", *arguments))
        self.conduct = Conduct(unchecked=[], by_hand=[], first_only=[], absent=[])

    def wait_until_ready(self) -> None:
        """Wait for the start and check every answer; `ContenderError` where either fails."""
        self.conduct = cast("Conduct", self.read())

    def measure(self, endpoint: Endpoint, requests: int) -> float:
        """CPU time of one request, in microseconds, over so many of them."""
        self.write(Command(endpoint=endpoint.name, requests=requests))
        return cast("int", self.read()) / requests / 1000


class ServerProcess(LineProcess):
    """A running `benchmarks.server`; `wrapper` is a command that runs it under a tool."""

    def __init__(self, python: str, contender: Contender, workers: int = 1, wrapper: Sequence[str] = ()) -> None:
        super().__init__(contender, [*wrapper, *child_command(python, "server", contender.name, str(workers))])
        self.conduct = Conduct(unchecked=[], by_hand=[], first_only=[], absent=[])
        self.port = 0

    def wait_until_ready(self) -> None:
        """Wait for the start and check every answer; `ContenderError` where either fails."""
        ready = cast("Ready", self.read())
        self.port = ready["port"]
        self._wait_until_it_listens()
        try:
            self.conduct = observe(SERVED_ENDPOINTS, ready["by_hand"], self._ask, ready["cannot"])
            for endpoint in SERVED_ENDPOINTS:
                if endpoint.websocket and endpoint.name not in self.conduct["absent"]:
                    with EchoConnection(self.port, endpoint.websocket) as connection:
                        connection.say()
        except (WrongAnswerError, OSError, ValueError) as error:
            raise ContenderError(f"{self.contender.name}: {error}") from error

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + _START_TIMEOUT
        while self.running and time.monotonic() < deadline:
            with suppress(OSError), Connection(self.port):
                return
            time.sleep(_START_PAUSE)
        raise ContenderError(f"{self.contender.name}: it does not listen")

    def _ask(self, request: Request) -> Answer:
        # On a connection of its own: servers close the one on which a handler broke.
        with Connection(self.port) as connection:
            return connection.ask(request)


Child = TypeVar("Child", WorkerProcess, ServerProcess)


def start_all(stack: ExitStack, children: Iterable[Child]) -> tuple[list[Child], dict[str, str]]:
    """Wait for children that start side by side: those that answer rightly, and why the others do not. The stack ends all."""
    ready: list[Child] = []
    missing: dict[str, str] = {}
    for child in [stack.enter_context(child) for child in children]:
        try:
            child.wait_until_ready()
        except ContenderError as error:
            say(f"not measured: {error}")
            missing[child.contender.name] = str(error)
        else:
            ready.append(child)
    return ready, missing


def rotated(children: list[Child], number: int) -> list[Child]:
    """The children in the order of a round: each round begins with another, so that none always follows the same neighbour."""
    first = number % len(children) if children else 0
    return children[first:] + children[:first]
