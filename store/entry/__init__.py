"""What an entry means: its key, its fields, and the units of it that are edited as a whole."""
