"""The file's text: read whole, indexed, compared, one entry spliced; every other byte left alone."""
