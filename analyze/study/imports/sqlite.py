"""What a SQLite file holds, which several tools keep their runs in; it is opened to be read alone."""

import sqlite3
from contextlib import closing
from pathlib import Path


def tables_of(path: Path) -> set[str]:
    """The tables of a SQLite file; none of any other file."""
    with path.open("rb") as file:
        if not file.read(16).startswith(b"SQLite format 3"):
            return set()
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
            return {name for (name,) in database.execute("select name from sqlite_master where type = 'table'")}
    except sqlite3.DatabaseError:
        return set()
