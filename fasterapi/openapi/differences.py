"""Where our documents part from FastAPI's."""

from __future__ import annotations

from typing import Final

DIFFERENCES: Final[tuple[tuple[str, str, str], ...]] = (
    ("A model that refers to itself, in a body and in an answer", "is there twice, as `Node-Input` and `Node-Output`", "is there once"),
    ("A dataclass field that is not given (`init=False`), or only given (`InitVar`)", "is in bodies and answers", "is where it belongs"),
    ("The schema of a named tuple", "has no title and no description", "has both"),
    ("A docstring that ends before a form feed", "leaves its last line break in the description", "leaves nothing"),
    ("Two schemas of one class, or of classes with one name", "have one title, which some generators refuse", "have their names as titles"),
    ("A file in a form", "has no `format`, so that some generators take it for a text", "has `format: binary` too"),
    ("A route of several methods", "has one `operationId` for all, and a warning", "has one for each"),
    ("A stream of items or events", "is an `itemSchema`, which OpenAPI 3.1 does not have", "is an array of them"),
    ("A model of yours that is called `ValidationError`", "is overwritten by FastAPI's", "gets a name with its module"),
    ("`null` in an example, a default or an extension", "is left out", "is kept"),
    ("A URL in the head of the document", "gets a slash behind its host", "stays as it is"),
    ("`OAuth2PasswordRequestFormStrict`", "does not say that its secrets are passwords", "says it"),
    (
        "A form of a model and further fields",
        "has the model under its name, as FastAPI reads it",
        "has the model's fields among the others",
    ),
)
"""Where we part from FastAPI on purpose: the case, what FastAPI does, what we do."""
