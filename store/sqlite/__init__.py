"""Stores that OpenClaw keeps in an agent's SQLite database (since 2026.8.1): reading, following and editing them."""
