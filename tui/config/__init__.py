"""What a user sets once: theme, glyphs, keys, own views, the guard's hook. Read from one TOML file."""
