"""The registry of sources: sources.toml, read, checked and edited. Keys: docs/sources.md."""

from ingest.sources.problem import Problem
from ingest.sources.registry import Registry, check_sources, load_sources

__all__ = ["Problem", "Registry", "check_sources", "load_sources"]
