"""The widgets: they turn pure lines into strips, and nothing else."""
