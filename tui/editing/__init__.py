"""An edit from the form to the write: what was typed, what it means, drafts, conflicts, whether it stands."""
