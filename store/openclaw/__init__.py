"""Where OpenClaw keeps its stores, which release owns one, and how a write would go."""
