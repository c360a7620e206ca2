"""A small writer of PDF: hundreds of pages with maps and Chinese type in seconds, equal bytes for equal pages."""

from partitioner.io.writing.pdf.document import Document
from partitioner.io.writing.pdf.page import A4, Page

__all__ = ["A4", "Document", "Page"]
