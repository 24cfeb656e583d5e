from fasterapi.security import OpenIdConnect


def test_model() -> None:
    scheme = OpenIdConnect(openIdConnectUrl="https://login.example.com")
    assert scheme.model == {"type": "openIdConnect", "openIdConnectUrl": "https://login.example.com"}
