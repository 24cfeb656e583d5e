"""`fasterapi migrate`: rewrites a project that was written for FastAPI.

Imports and names are swapped one by one, where this package has the same. Models of pydantic become Structs where that changes
nothing for those who use them; where it might, they stay as they are and a person is told why. Comments and layout stay.

    counterparts   what stands where in this package
    files          the sources of a project, and the names that they import
    imports        the swap of imports
    models         the models of a project, and what keeps them from being Structs
    fields         one field of a model, read and rewritten
    uses           what is done with models: methods, calls, unions
    rewriting      models and their uses, rewritten
    project        all of it, in order

Interpreted, all of it: a tool that runs once for a project.
"""
