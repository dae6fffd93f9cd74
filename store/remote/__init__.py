"""Writing through a gateway that runs: what it takes, how it is asked, and what became of it."""
