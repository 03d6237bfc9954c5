"""Runs the queries of alerts and workbooks: KQL on DuckDB, over rows as Azure Monitor stores them."""
