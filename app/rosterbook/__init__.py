"""The folder that managers edit, read into a book; what is wrong with it is told with line and column."""

from app.rosterbook.findings import Finding, Severity
from app.rosterbook.reading import Reading, read

__all__ = ["Finding", "Reading", "Severity", "read"]
