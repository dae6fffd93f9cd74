"""The gateway's paths at work on a made-up store, with the truth about every write: named, seeded, reproducible."""
