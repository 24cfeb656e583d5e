"""Work that survives a restart: jobs that a broker of taskiq keeps, with the dependencies of handlers."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Generic, ParamSpec, Self, TypeVar, cast, final

import msgspec

from fasterapi.app import Faster
from fasterapi.binding.markers import MISSING, Dependency
from fasterapi.binding.signature import Parameter, read_signature
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.contrib.redis import DEFAULT_URL
from fasterapi.http.request import Request
from fasterapi.http.responses import Response
from fasterapi.logger import logger

try:
    from taskiq import AsyncBroker, AsyncTaskiqDecoratedTask, AsyncTaskiqTask, InMemoryBroker, TaskiqEvents, TaskiqState
    from taskiq.exceptions import TaskiqError
    from taskiq.serializers import JSONSerializer, PickleSerializer
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "fasterapi.contrib.taskiq needs taskiq: pip install 'fasterapi-framework[taskiq]'", name=_missing.name
    ) from _missing

P = ParamSpec("P")
R = TypeVar("R")

_RUN: Final = "fasterapi.job"
_HEARTBEAT: Final = "fasterapi.heartbeat"
_MISSING_ARGUMENT: Final = object()


class JobError(Exception):
    """A job that could not run: its arguments do not fit, or one of its dependencies refused."""


@final
class Job(Generic[P, R]):
    """A function that can be put off: `await send_receipt.kiq(7)`. Calling it calls the function itself."""

    def __init__(
        self, function: Callable[P, R], parameters: list[Parameter], task: AsyncTaskiqDecoratedTask[[dict[str, Any]], Any]
    ) -> None:
        self.function = function
        self.task = task
        """The task as taskiq knows it, for what only it can: `job.task.kicker().with_labels(delay=60).kiq(job.arguments(...))`."""
        self._signature: inspect.Signature = inspect.Signature(
            [
                inspect.Parameter(
                    parameter.name,
                    inspect.Parameter.KEYWORD_ONLY if parameter.keyword_only else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    # Which values may be left out is all that matters here.
                    default=inspect.Parameter.empty if parameter.default is MISSING else _MISSING_ARGUMENT,
                )
                for parameter in parameters
            ]
        )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function here and now."""
        return self.function(*args, **kwargs)

    async def kiq(self, *args: P.args, **kwargs: P.kwargs) -> AsyncTaskiqTask[Any]:
        """Hand the job to the broker. What its dependencies provide is for the worker: leave it out."""
        return await self.task.kiq(self.arguments(*args, **kwargs))

    def arguments(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        """The arguments as they travel: as JSON has them."""
        bound = self._signature.bind(*args, **kwargs)
        return {name: msgspec.to_builtins(value, str_keys=True) for name, value in bound.arguments.items()}


def redis_broker(url: str = DEFAULT_URL, **options: Any) -> AsyncBroker:
    """A broker in Redis, which keeps jobs until they are done: the `RedisStreamBroker` of taskiq-redis, whose `options` it takes.

    Example: `broker = redis_broker("redis://127.0.0.1:6379/0", idle_timeout=60_000)`.

    Jobs travel as JSON. A command that meets a connection which Redis has closed is sent once more on a new one.
    """
    try:
        from redis.asyncio.retry import Retry
        from redis.backoff import NoBackoff
        from taskiq_redis import RedisStreamBroker
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError("redis_broker needs taskiq-redis: pip install taskiq-redis", name=missing.name) from missing
    broker: AsyncBroker = RedisStreamBroker(url, **{"retry": Retry(NoBackoff(), 1), **options})
    return broker.with_serializer(JSONSerializer())


@final
class Jobs:
    """The jobs of an application.

    Example:
        broker = redis_broker("redis://127.0.0.1:6379/0")
        app = Faster(lifespan=lifespan)  # in which stands: async with jobs: yield
        jobs = Jobs(app, broker)

        @jobs.job
        async def send_receipt(order_id: int, session: AsyncSession = Depends(get_session)) -> None: ...

        @app.post("/orders")
        async def order(order: Order) -> None:
            await send_receipt.kiq(order.id)

    `taskiq worker main:broker` runs them, each with dependencies as a request has: opened before it, closed behind it, overridden by
    `app.dependency_overrides`. The lifespan of the application runs in the worker too. A provider that asks for the request gets one
    without headers.

    A broker that acknowledges, as that of `redis_broker` does, gives a job whose worker died to another one: a job may run twice, and
    is to be written so that this does no harm. taskiq-redis looks for such jobs behind new ones only: that is why every worker puts an
    empty job off each `heartbeat` seconds; `None` for brokers that need none.
    """

    def __init__(self, app: Faster, broker: AsyncBroker, *, heartbeat: float | None = 60) -> None:
        for serializer in (broker.serializer, getattr(broker.result_backend, "serializer", None)):
            if isinstance(serializer, PickleSerializer):
                raise TypeError(
                    "The broker pickles, and whoever can write to it could run anything in the worker."
                    " Give it and its result backend a JSONSerializer()."
                )
        self.app = app
        self.broker = broker
        self._runner = Faster(openapi_url=None, redirect_slashes=False)
        self._paths: dict[str, str] = {}
        self._lifespan = _Lifespan(app)
        self._heartbeat = heartbeat
        self._beating: asyncio.Task[None] | None = None
        self._beat = broker.register_task(_do_nothing, task_name=_HEARTBEAT)
        broker.add_event_handler(TaskiqEvents.WORKER_STARTUP, self._start_worker)
        broker.add_event_handler(TaskiqEvents.WORKER_SHUTDOWN, self._stop_worker)

    async def __aenter__(self) -> Self:
        # The worker has started the broker before it runs the lifespan.
        if not self.broker.is_worker_process:
            await self.broker.startup()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        if isinstance(self.broker, InMemoryBroker):
            # Nobody else will ever run them, and what they need ends with the application.
            await self.broker.wait_all()
        if not self.broker.is_worker_process:
            await self.broker.shutdown()

    def job(self, function: Callable[P, R]) -> Job[P, R]:
        """Decorate a function whose calls can be put off; a `def` runs in a thread."""
        return self.named(f"{function.__module__}:{function.__qualname__}")(function)

    def named(self, name: str, **labels: Any) -> Callable[[Callable[P, R]], Job[P, R]]:
        """The same under a name of its own, which stays when the function moves, and with labels for taskiq's middleware.

        Example: `@jobs.named("send-receipt", retry_on_error=True, max_retries=5)`.
        """

        def decorate(function: Callable[P, R]) -> Job[P, R]:
            if name in self.broker.local_task_registry:
                raise ValueError(f"There is a job {name!r} already. Give one of them another name: @jobs.named(...).")
            parameters = read_signature(function).parameters
            asked = [parameter for parameter in parameters if not _is_provided(parameter)]
            # Numbers, because a name may hold what means something in a path.
            path = self._paths[name] = f"/{len(self._paths)}"
            provided = [parameter for parameter in parameters if _is_provided(parameter)]
            self._runner.post(path, response_model=None)(_handler_of(function, provided))

            async def run(arguments: dict[str, Any]) -> Any:
                return await self._run(name, _converted(name, asked, arguments))

            # Named as the function is: taskiq takes over the names of what it decorates.
            run.__name__, run.__qualname__, run.__module__ = function.__name__, function.__qualname__, function.__module__
            return Job(function, asked, self.broker.register_task(run, task_name=name, **labels))

        return decorate

    async def _run(self, name: str, arguments: dict[str, Any]) -> Any:
        runner = self._runner
        runner.state = self.app.state
        runner.dependency_overrides = self.app.dependency_overrides
        run = _Run(arguments)
        await runner(_scope_of(self._paths[name], run, self._lifespan.state), run.receive, run.send)
        if run.error is not None:
            raise run.error
        if run.status >= 400:
            raise JobError(f"A dependency of {name} refused with status {run.status}: {run.body.decode(errors='replace')}")
        return msgspec.to_builtins(run.result, str_keys=True)

    async def _start_worker(self, _: TaskiqState) -> None:
        # Brokers in memory say so in the process of the application, whose lifespan runs already.
        if self.broker.is_worker_process:
            await self._lifespan.start()
            if self._heartbeat is not None:
                self._beating = asyncio.create_task(self._keep_beating(self._heartbeat))

    async def _keep_beating(self, seconds: float) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await self._beat.kiq()
            except TaskiqError as fault:
                logger.warning("The broker takes no jobs now: %r", fault)

    async def _stop_worker(self, _: TaskiqState) -> None:
        if self.broker.is_worker_process:
            if self._beating is not None:
                self._beating.cancel()
            await self._lifespan.stop()


@final
class _Run:
    """One run of a job: what goes into the handler and comes out of it."""

    def __init__(self, arguments: dict[str, Any]) -> None:
        self.arguments = arguments
        self.result: object = None
        self.error: BaseException | None = None
        self.status = 0
        self.body = b""
        self._is_read = False

    async def receive(self) -> dict[str, Any]:
        """An empty body; the client stays until the end."""
        if self._is_read:
            await asyncio.get_running_loop().create_future()
        self._is_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Keep how it ended."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.body += message.get("body", b"")


@final
class _Lifespan:
    """Runs the lifespan of an application where there is no server."""

    def __init__(self, app: Faster) -> None:
        self._app = app
        self._to_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._from_app: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None
        self.state: dict[str, Any] = {}

    async def start(self) -> None:
        """Start the application; raises what keeps it from starting."""
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self.state}
        self._task = asyncio.create_task(_awaited(self._app(scope, self._to_app.get, self._from_app.put)))
        await self._phase("startup")

    async def stop(self) -> None:
        """Let the application clean up."""
        await self._phase("shutdown")
        if self._task is not None:
            await self._task

    async def _phase(self, phase: str) -> None:
        task = self._task
        if task is None:
            return
        await self._to_app.put({"type": f"lifespan.{phase}"})
        answer = asyncio.create_task(self._from_app.get())
        await asyncio.wait([answer, task], return_when=asyncio.FIRST_COMPLETED)
        if not answer.done():
            answer.cancel()
            await task
        elif answer.result()["type"] != f"lifespan.{phase}.complete":
            await task
            raise RuntimeError(f"The {phase} of the application failed: {answer.result().get('message', '')}")


async def _do_nothing() -> None:
    """What a heartbeat does."""


async def _awaited(waiting: Any) -> None:
    await waiting


def _is_provided(parameter: Parameter) -> bool:
    return isinstance(parameter.default, Dependency) or any(isinstance(item, Dependency) for item in parameter.metadata)


def _handler_of(function: Callable[..., Any], provided: list[Parameter]) -> Callable[..., Any]:
    """A handler that asks for what the job depends on, and takes the other arguments from the run."""

    async def handle(request: Request, **given: Any) -> Response:
        run = cast("_Run", request.scope[_RUN])
        try:
            if inspect.iscoroutinefunction(function):
                run.result = await function(**run.arguments, **given)
            else:
                run.result = await run_in_threadpool(function, **run.arguments, **given)
        except BaseException as error:
            run.error = error
            raise
        return Response(status_code=204)

    keyword = inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter(parameter.name, keyword, default=_dependency_of(parameter), annotation=parameter.annotation)
        for parameter in provided
    ]
    request = inspect.Parameter("request", inspect.Parameter.POSITIONAL_ONLY, annotation=Request)
    handle.__signature__ = inspect.Signature([request, *parameters])  # type: ignore[attr-defined]  # functions may carry one
    return handle


def _dependency_of(parameter: Parameter) -> object:
    found = [item for item in (parameter.default, *parameter.metadata) if isinstance(item, Dependency)]
    return found[0]


def _converted(name: str, asked: list[Parameter], arguments: dict[str, Any]) -> dict[str, Any]:
    """The arguments as the job declares them."""
    converted = {}
    for parameter in asked:
        if parameter.name in arguments:
            wanted = Any if parameter.annotation is MISSING else parameter.annotation
            try:
                converted[parameter.name] = msgspec.convert(arguments[parameter.name], wanted, str_keys=True)
            except msgspec.ValidationError as fault:
                raise JobError(f"{name}: argument {parameter.name!r}: {fault}") from fault
        elif parameter.default is MISSING:
            raise JobError(f"{name}: argument {parameter.name!r} is missing")
    unknown = arguments.keys() - {parameter.name for parameter in asked}
    if unknown:
        raise JobError(f"{name}: there are no arguments {', '.join(sorted(unknown))}")
    return converted


def _scope_of(path: str, run: _Run, state: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [],
        "client": None,
        "server": None,
        "state": dict(state),
        _RUN: run,
    }
