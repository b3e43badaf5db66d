"""Syndication ingestion: feeds and wires in, clean, attributed, deduplicated articles out."""

__version__ = "0.1.0"
