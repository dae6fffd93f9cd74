"""What happened to a store, on paper for a ticket: gathered as JSON, redacted if asked to, written as Markdown."""
