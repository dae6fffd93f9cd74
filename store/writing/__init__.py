"""What a commit is made of: the permit, the lock, the new file, the exchange, the journal."""
