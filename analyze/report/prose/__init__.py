"""The sentences of the report, in whole paragraphs. May import words and whatever shows Findings as they are."""
