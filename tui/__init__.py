"""The terminal: the dashboard, and the command line beside it."""
