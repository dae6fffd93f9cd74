"""A simulated gateway that writes a temporary store, for looking around without one of one's own."""
