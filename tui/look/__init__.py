"""How things look as text: spans and roles, glyphs, ages, keys, routes, values, sentences."""
