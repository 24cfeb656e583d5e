"""What clients prove themselves with, as the schemes of HTTP hand it on.

Interpreted, because compiled `msgspec.Struct` classes lose their annotations.
"""

from __future__ import annotations

from msgspec import Struct


class HTTPBasicCredentials(Struct):
    """What `HTTPBasic` gives. Compare both with `secrets.compare_digest`: the time that `==` takes tells where they differ.

    Example:
        same_name = secrets.compare_digest(credentials.username.encode(), b"admin")
        same_password = secrets.compare_digest(credentials.password.encode(), settings.password.encode())
        if not (same_name and same_password):
            raise HTTPException(401, headers={"WWW-Authenticate": "Basic"})
    """

    username: str
    password: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(username={self.username!r}, password='***')"


class HTTPAuthorizationCredentials(Struct):
    """What `HTTPBase`, `HTTPBearer` and `HTTPDigest` give: the name of the scheme as it was sent, and what followed it.

    Example: `secrets.compare_digest(found.credentials.encode(), token.encode())`; of texts it takes ASCII alone.
    """

    scheme: str
    credentials: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(scheme={self.scheme!r}, credentials='***')"
