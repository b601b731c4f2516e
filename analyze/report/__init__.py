"""Findings made into pages: PDF, HTML, Markdown and tables. Sees Findings, never a study."""
