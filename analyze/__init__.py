"""Turns a study's Parquet tables into findings, and findings into a report. Never imports torch."""
