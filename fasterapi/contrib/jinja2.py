"""Pages made of Jinja templates."""

# Interpreted, as all of this folder: what it builds on need not be installed where the package is compiled.

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from os import PathLike
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias, overload

from fasterapi.background import BackgroundTask
from fasterapi.concurrency.threads import run_in_threadpool
from fasterapi.datastructures.url import URL
from fasterapi.http.asgi_exchange import AsgiExchange
from fasterapi.http.exchange import Exchange
from fasterapi.http.request import Request
from fasterapi.http.responses import HTMLResponse

if TYPE_CHECKING:
    import jinja2

ContextProcessor: TypeAlias = Callable[[Request[Any]], Mapping[str, Any]]
"""Gives what every template sees, of the request that is answered."""

_TEMPLATE_SUFFIXES: Final = (".jinja2", ".jinja", ".j2")
_MARKUP_SUFFIXES: Final = frozenset(["", ".htm", ".html", ".svg", ".xhtml", ".xml"])


class RenderedTemplate(HTMLResponse):
    """A rendered template; `template` and `context` say what it was made of.

    A test client hears of them with the answer: `client.get("/").context["user"]`.
    """

    is_streamed: ClassVar[bool] = True

    def __init__(
        self,
        template: jinja2.Template,
        context: dict[str, Any],
        content: str,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> None:
        super().__init__(content, status_code, headers, media_type, background)
        self.template = template
        self.context = context

    async def stream(self, exchange: Exchange) -> None:
        """Send the page, behind a word to those who debug."""
        if isinstance(exchange, AsgiExchange) and "http.response.debug" in (exchange.announced.get("extensions") or {}):
            await exchange.send({"type": "http.response.debug", "info": {"template": self.template, "context": self.context}})
        await exchange.start(self.head(), len(self.body))
        if await exchange.write(self.body):
            await exchange.finish()


class Jinja2Templates:
    """The templates in a directory, or in several, the first of which that has one gives it.

    Example:
        templates = Jinja2Templates(directory="templates")

        @app.get("/items/{item_id}")
        async def read_item(request: Request, item_id: int) -> Response:
            return templates.TemplateResponse(request, "item.html", {"item_id": item_id})

    What stands in `{{ }}` is escaped in templates of markup: in `page.html`, `.htm`, `.xhtml`, `.xml` and `.svg`, with or without
    `.jinja`, `.jinja2` or `.j2` behind it, and in `page.jinja`. `url_for` gives the URL of a route. For other settings hand an
    `env` of your own over.
    """

    @overload
    def __init__(
        self,
        directory: str | PathLike[str] | Sequence[str | PathLike[str]],
        *,
        context_processors: Sequence[ContextProcessor] | None = None,
    ) -> None: ...
    @overload
    def __init__(self, *, env: jinja2.Environment, context_processors: Sequence[ContextProcessor] | None = None) -> None: ...
    def __init__(
        self,
        directory: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None,
        *,
        env: jinja2.Environment | None = None,
        context_processors: Sequence[ContextProcessor] | None = None,
    ) -> None:
        try:
            import jinja2
        except ModuleNotFoundError as missing:
            raise ModuleNotFoundError(
                "Jinja2Templates needs jinja2: pip install 'fasterapi-framework[jinja2]'", name=missing.name
            ) from missing
        if (directory is None) == (env is None):
            raise TypeError("Jinja2Templates takes either directory= or env=.")
        if env is None:
            assert directory is not None
            env = jinja2.Environment(loader=jinja2.FileSystemLoader(directory), autoescape=_is_markup)  # noqa: S701 - a function that tells which
        self.env: jinja2.Environment = env
        self.context_processors: list[ContextProcessor] = list(context_processors or ())
        env.globals.setdefault("url_for", jinja2.pass_context(_url_for))

    def get_template(self, name: str) -> jinja2.Template:
        """A template by its name."""
        return self.env.get_template(name)

    def TemplateResponse(  # noqa: N802 - Starlette's name
        self,
        request: Request[Any],
        name: str,
        context: Mapping[str, Any] | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> RenderedTemplate:
        """Render a template, which sees `request`, what is in `context` and what the context processors give."""
        template = self.get_template(name)
        values = self._context(request, context)
        return RenderedTemplate(template, values, template.render(values), status_code, headers, media_type, background)

    async def render_response(
        self,
        request: Request[Any],
        name: str,
        context: Mapping[str, Any] | None = None,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        media_type: str | None = None,
        background: BackgroundTask | None = None,
    ) -> RenderedTemplate:
        """The same while the event loop goes on: for large pages, and for those that wait for something.

        The template is loaded, the context processors are called and the page is rendered in a thread; one of an environment
        with `enable_async=True` is rendered on the loop, where it may await.

        Example: `return await templates.render_response(request, "report.html", {"rows": rows})`.
        """
        template = await run_in_threadpool(self.get_template, name)
        values = await run_in_threadpool(self._context, request, context)
        content = await (template.render_async(values) if self.env.is_async else run_in_threadpool(template.render, values))
        return RenderedTemplate(template, values, content, status_code, headers, media_type, background)

    def _context(self, request: Request[Any], context: Mapping[str, Any] | None) -> dict[str, Any]:
        values: dict[str, Any] = {"request": request, **(context or {})}
        for processor in self.context_processors:
            values.update(processor(request))
        return values


def _is_markup(name: str | None) -> bool:
    """Whether a template writes markup, by its name; one without a name, made of a string, may."""
    if name is None:
        return True
    name = name.lower()
    for suffix in _TEMPLATE_SUFFIXES:
        name = name.removesuffix(suffix)
    return PurePosixPath(name).suffix in _MARKUP_SUFFIXES


def _url_for(context: Mapping[str, Any], name: str, /, **path_params: Any) -> URL:
    request: Request[Any] = context["request"]
    return request.url_for(name, **path_params)
