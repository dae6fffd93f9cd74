"""The OpenClaw session store: read, lock, edit, watch.

Synchronous and typed; knows no event loop and no screen. Import the module that does the job:

- `store.paths`, `store.release`: where the stores are, which OpenClaw wrote them and how a write would go
- `store.document`, `store.summary`, `store.cache`: bytes to entries, one row of an entry, cached against fresh
- `store.commit`, `store.edit`: `update_store(path, mutator)` and compare-and-set edits on top of it
- `store.overrides`, `store.delivery`, `store.levels`: the units that can be edited, and OpenClaw's rules for them
- `store.watch`: every version of every watched store, in order
"""
