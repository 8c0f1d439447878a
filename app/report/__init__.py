"""The service report: gathered from the record, and written as tables, PDF, CSV and JSON."""

from app.report.documents import as_csv, as_json
from app.report.gathered import gather
from app.report.keeping import Reports
from app.report.months import Month, last_month
from app.report.sheets import Sheet, Table, sheet

__all__ = ["Month", "Reports", "Sheet", "Table", "as_csv", "as_json", "gather", "last_month", "sheet"]
