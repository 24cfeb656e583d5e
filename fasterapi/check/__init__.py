"""`fasterapi check`: what neither start-up nor a type checker sees alone.

No type checker reads the metadata of `Annotated[Session, Depends(get_session)]`. Here the whole dependency graph of an
application becomes a typed program of plain calls, a type checker judges that program, and what it finds is told at the
user's own file and line.

    application     what `module:app` names
    routes          what the application declares, and what start-up finds in it
    graph           who is called with what, for each route
    sources         files and lines of callables
    names           how another module writes a callable
    program         the graph as text
    checkers        mypy and pyright
    results         declared results that cannot fit their response model
    findings        mistakes as users read them
    report          all of it, in order

Interpreted, all of it: a development tool, whose time goes to the type checker.
"""
