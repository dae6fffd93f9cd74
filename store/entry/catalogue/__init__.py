"""The field catalogue, one table per group."""
