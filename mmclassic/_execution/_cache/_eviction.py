"""What goes first where a database and its segments outgrow their bound."""

import sqlite3

__all__ = ["drop_entries", "make_room"]

SLACK = 20  # what is dropped makes room for one in so many, so that it is not always

# Entries of the database, and segments with all that is in them, which is used when the
# latest of it is.
OLDEST = """
select used, id, null, size from entries where segment is null
union all
select max(s.used, coalesce(max(e.used), 0)), max(e.id), s.id, s.size
from segments as s left join entries as e on e.segment = s.id group by s.id
order by 1, 2
"""


def make_room(connection: sqlite3.Connection, max_bytes: int) -> bool:
    """Drop what was not used for the longest time, inside a transaction.

    Parameters
    ----------
    connection : Connection
    max_bytes : int

    Returns
    -------
    bool
        Whether segments were dropped, whose files are to be removed after it.
    """
    drops_segments = False
    excess = _used_bytes(connection) - max_bytes
    while excess > 0:
        excess += max_bytes // SLACK
        entries, segments = [], []
        for _, number, segment, size in connection.execute(OLDEST):
            if segment is None:
                entries.append(number)
            else:
                segments.append(segment)
            excess -= size
            if excess <= 0:
                break
        of_segments = "select id from entries where segment = ?"
        for segment in segments:
            found = connection.execute(of_segments, (segment,))
            entries += [number for (number,) in found]
            connection.execute("delete from segments where id = ?", (segment,))
        drop_entries(connection, entries)
        drops_segments |= bool(segments)
        dropped = entries or segments
        excess = _used_bytes(connection) - max_bytes if dropped else 0
    return drops_segments


def drop_entries(connection: sqlite3.Connection, numbers: list[int]) -> None:
    """Drop entries by their numbers, inside a transaction."""
    for table in ("entries", "contents"):
        connection.executemany(
            f"delete from {table} where id = ?", [(number,) for number in numbers]
        )


def _used_bytes(connection: sqlite3.Connection) -> int:
    def one(query: str) -> int:
        return int(connection.execute(query).fetchone()[0])

    pages = one("pragma page_count") - one("pragma freelist_count")
    of_segments = one("select coalesce(sum(size), 0) from segments")
    return pages * one("pragma page_size") + of_segments
