"""The HTTP service: projects, plans, jobs and drafts for several people at once.

Layers, each of which imports only those before it::

    records, errors, settings → storage, auth → jobs → api → app

Only `api.convert`, `jobs` and the table in `errors` know the library.
"""
