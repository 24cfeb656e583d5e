"""`fasterapi check`: what neither start-up nor a type checker sees alone.

No type checker reads the metadata of `Annotated[Session, Depends(get_session)]`. Here the whole dependency graph of an
application becomes a typed program of plain calls, a type checker judges that program, and what it finds is told at the
user's own file and line.

    application     what `module:app` names
    environment     which modules are the user's own
    sources         where a callable is written
    routes          what start-up refuses, and routes that are never called
    results         declared results that cannot fit their response model
    graph           who is called with what
    paths           what the parts of a path give
    names           how another module writes a callable
    program         the graph as text
    checkers        mypy and pyright
    diagnosis       what they say, as what it means for the application
    findings        mistakes as users read them
    report          all of it, in order

Interpreted, all of it: a development tool, whose time goes to the type checker.
"""
