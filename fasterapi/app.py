"""The application: what users configure, and declare their routes with.

Interpreted: users set attributes of their own on applications, refer weakly to them and put functions in the place of `openapi`.
The entrance of requests is compiled, in `routing/application.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from typing_extensions import override

from fasterapi.datastructures.state import State
from fasterapi.http.forms_limits import FormLimits
from fasterapi.http.responses import Response
from fasterapi.lifespan import Lifespan
from fasterapi.middleware.base import BaseHTTPMiddleware
from fasterapi.middleware.record import Middleware
from fasterapi.openapi.site import DocumentationSite
from fasterapi.routing.application import DEFAULT_MAX_BODY_SIZE, Application
from fasterapi.routing.declaration import Responses
from fasterapi.routing.exception_handlers import ExceptionHandler
from fasterapi.routing.router import FasterRouter
from fasterapi.routing.table import Declaration
from fasterapi.routing.verbs import Handler


class Faster(Application):
    """An application.

    Example:
        app = Faster()

        @app.get("/users/{user_id}")
        async def read_user(user_id: int) -> dict[str, int]:
            return {"user_id": user_id}
    """

    def __init__(
        self,
        *,
        debug: bool = False,
        routes: Sequence[Declaration] | None = None,
        title: str = "FasterAPI",
        summary: str | None = None,
        description: str = "",
        version: str = "0.1.0",
        openapi_url: str | None = "/openapi.json",
        openapi_tags: list[dict[str, Any]] | None = None,
        servers: list[dict[str, Any]] | None = None,
        dependencies: Sequence[object] | None = None,
        default_response_class: type[Response] | None = None,
        redirect_slashes: bool = True,
        docs_url: str | None = "/docs",
        redoc_url: str | None = "/redoc",
        swagger_ui_oauth2_redirect_url: str | None = "/docs/oauth2-redirect",
        swagger_ui_init_oauth: dict[str, Any] | None = None,
        scalar_url: str | None = None,
        scalar_parameters: dict[str, Any] | None = None,
        docs_from_cdn: bool = False,
        middleware: Sequence[Iterable[Any]] | None = None,
        exception_handlers: Mapping[Any, ExceptionHandler] | None = None,
        on_startup: Sequence[Callable[[], Any]] | None = None,
        on_shutdown: Sequence[Callable[[], Any]] | None = None,
        lifespan: Lifespan | None = None,
        terms_of_service: str | None = None,
        contact: dict[str, Any] | None = None,
        license_info: dict[str, Any] | None = None,
        root_path: str = "",
        root_path_in_servers: bool = True,
        responses: Responses | None = None,
        callbacks: Sequence[object] | None = None,
        webhooks: FasterRouter | None = None,
        deprecated: bool | None = None,
        include_in_schema: bool = True,
        swagger_ui_parameters: dict[str, Any] | None = None,
        generate_unique_id_function: Callable[[Any], str] | None = None,
        separate_input_output_schemas: bool = True,
        openapi_external_docs: dict[str, Any] | None = None,
        strict_content_type: bool = True,
        max_body_size: int | None = DEFAULT_MAX_BODY_SIZE,
        form_limits: FormLimits | None = None,
        stream_request_body: bool = False,  # noqa: ARG002 - FasterAPI's name for what is always so: handlers ask for bodies
    ) -> None:
        router = FasterRouter(
            routes=routes,
            redirect_slashes=redirect_slashes,
            on_startup=on_startup,
            on_shutdown=on_shutdown,
            lifespan=lifespan,
            dependencies=dependencies,
            default_response_class=default_response_class,
            responses=responses,
            callbacks=callbacks,
            deprecated=deprecated,
            include_in_schema=include_in_schema,
            generate_unique_id_function=generate_unique_id_function,
            strict_content_type=strict_content_type,
        )
        super().__init__(
            router,
            debug=debug,
            root_path=root_path,
            max_body_size=max_body_size,
            form_limits=form_limits or FormLimits(),
            user_middleware=[Middleware(cls, *arguments, **named) for cls, arguments, named in middleware or ()],
            exception_handlers=dict(exception_handlers or {}),
        )
        if openapi_url and not (title and version):
            raise ValueError("The OpenAPI document needs a title and a version. Give both, or openapi_url=None to have no document.")
        self.title: str = title
        self.summary: str | None = summary
        self.description: str = description
        self.version: str = version
        self.terms_of_service: str | None = terms_of_service
        self.contact: dict[str, Any] | None = contact
        self.license_info: dict[str, Any] | None = license_info
        self.servers: list[dict[str, Any]] = servers or []
        self.openapi_url: str | None = openapi_url
        self.openapi_version: str = "3.1.0"
        self.openapi_tags: list[dict[str, Any]] | None = openapi_tags
        self.openapi_external_docs: dict[str, Any] | None = openapi_external_docs
        self.root_path_in_servers: bool = root_path_in_servers
        self.separate_input_output_schemas: bool = separate_input_output_schemas
        self.docs_url: str | None = docs_url
        self.redoc_url: str | None = redoc_url
        self.swagger_ui_oauth2_redirect_url: str | None = swagger_ui_oauth2_redirect_url
        self.swagger_ui_init_oauth: dict[str, Any] | None = swagger_ui_init_oauth
        self.swagger_ui_parameters: dict[str, Any] | None = swagger_ui_parameters
        self.scalar_url: str | None = scalar_url
        self.scalar_parameters: dict[str, Any] | None = scalar_parameters
        self.docs_from_cdn: bool = docs_from_cdn
        """Whether the pages of the documentation load their scripts from a CDN, and not from here."""
        self.openapi_schema: dict[str, Any] | None = None
        """The OpenAPI document, once `openapi` was called."""
        self._described = (-1, -1)
        self._documentation = DocumentationSite(self)
        self.webhooks: FasterRouter = webhooks or FasterRouter()
        """Declares what the application asks of others, for the documentation alone."""
        self.state: State = State()
        """The application's own values, for its handlers: `request.app.state`."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document; made when it is first asked for, and again after the routes were changed.

        Put a function of your own in its place to have another one: see `fasterapi.openapi.utils.get_openapi`.
        """
        revisions = (self.router.revision, self.webhooks.revision)
        if self.openapi_schema is None or self._described != revisions:
            from fasterapi.openapi.utils import get_openapi

            self.openapi_schema = get_openapi(
                title=self.title,
                version=self.version,
                openapi_version=self.openapi_version,
                summary=self.summary,
                description=self.description,
                routes=self.routes,
                webhooks=self.webhooks.routes,
                tags=self.openapi_tags,
                servers=self.servers,
                terms_of_service=self.terms_of_service,
                contact=self.contact,
                license_info=self.license_info,
                separate_input_output_schemas=self.separate_input_output_schemas,
                external_docs=self.openapi_external_docs,
            )
            self._described = revisions
        return self.openapi_schema

    @override
    def document_routes(self) -> Sequence[Declaration]:
        return self._documentation.routes()

    def middleware(self, middleware_type: str) -> Callable[[Handler], Handler]:
        """Decorate a middleware: `@app.middleware("http")` above `async def add_header(request, call_next)`."""
        if middleware_type != "http":
            raise ValueError(f"There is no middleware {middleware_type!r} of this kind. Write 'http', or add_middleware(YourClass).")

        def declare(dispatch: Handler) -> Handler:
            self.add_middleware(BaseHTTPMiddleware, dispatch=dispatch)
            return dispatch

        return declare
