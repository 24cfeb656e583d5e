"""What a client sends for a token in OAuth2's password flow (RFC 6749, 4.3.2), as a dependency.

Interpreted, because parameters and their markers are read off the signature, which compiled classes lose.
"""

from __future__ import annotations

from typing import Annotated

from fasterapi.binding.markers import Form


class OAuth2PasswordRequestForm:
    """A form with a username and a password. `grant_type` may be left out, which the specification does not allow.

    Example:
        @app.post("/token")
        async def login(form: OAuth2PasswordRequestForm = Depends()) -> dict[str, str]:
            user = await authenticate(form.username, form.password)
            return {"access_token": make_token(user, form.scopes), "token_type": "bearer"}
    """

    def __init__(
        self,
        *,
        grant_type: Annotated[str | None, Form(pattern="^password$")] = None,
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        self.grant_type = grant_type
        self.username = username
        self.password = password
        self.scopes: list[str] = scope.split()
        self.client_id = client_id
        self.client_secret = client_secret


class OAuth2PasswordRequestFormStrict(OAuth2PasswordRequestForm):
    """The same with `grant_type=password` required, as the specification has it.

    Example: `form: OAuth2PasswordRequestFormStrict = Depends()`.
    """

    def __init__(
        self,
        grant_type: Annotated[str, Form(pattern="^password$")],
        username: Annotated[str, Form()],
        password: Annotated[str, Form(json_schema_extra={"format": "password"})],
        scope: Annotated[str, Form()] = "",
        client_id: Annotated[str | None, Form()] = None,
        client_secret: Annotated[str | None, Form(json_schema_extra={"format": "password"})] = None,
    ) -> None:
        super().__init__(
            grant_type=grant_type,
            username=username,
            password=password,
            scope=scope,
            client_id=client_id,
            client_secret=client_secret,
        )
