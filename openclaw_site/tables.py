"""Lines of CSV that are safe to open in a spreadsheet. Owns the rule; what stands in the cells is the caller's."""

import csv
import io
from collections.abc import Iterable
from typing import Any, Final

# Spreadsheets take a cell that begins so for a formula (OWASP, "CSV Injection").
_BEGINS_A_FORMULA: Final = ("=", "+", "-", "@")
_CONTROLS: Final = ("\t", "\r", "\n")


def safe_cell(value: Any) -> Any:
    """The value; text that a spreadsheet would run is made text by an apostrophe in front of it."""
    if isinstance(value, str) and (value.startswith(_CONTROLS) or value.lstrip().startswith(_BEGINS_A_FORMULA)):
        return f"'{value}"
    return "" if value is None else value


def csv_line(cells: Iterable[Any]) -> str:
    """One line, with its end (RFC 4180)."""
    text = io.StringIO()
    csv.writer(text).writerow([safe_cell(cell) for cell in cells])
    return text.getvalue()
