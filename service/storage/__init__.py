"""Rows in a database, files by their hash."""

from service.storage.blobs import BlobStore
from service.storage.contract import Changed, Conflict, Store
from service.storage.sql import SqlStore, open_store

__all__ = ["BlobStore", "Changed", "Conflict", "SqlStore", "Store", "open_store"]
