"""The flight recorder: every event of a watch in one SQLite file, and the same events out of it again."""
