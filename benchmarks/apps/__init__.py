"""One application per framework, each written as that framework's own documentation would write it.

Every module here offers

- `application`: an ASGI application, or what the framework's own server takes, with the endpoints that `benchmarks.contract` asks for,
- `with_routes(count)`: an ASGI application with `count` routes `/resource<number>/{item_id}`; not where `application` is none,
- `BY_HAND`: the endpoints for which the framework has no feature, so that the handler itself does the work,
- `CANNOT`, where there are any: the endpoints that it has no way to offer.
"""
