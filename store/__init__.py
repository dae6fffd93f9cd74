"""The OpenClaw session store: read, lock, edit, watch.

Synchronous and typed; knows no event loop and no screen. The way in is the module that does the job:

- `store.watch`: every version of every watched store, in order, as the events of `store.events`
- `store.commit`, `store.edit`: `update_store(path, mutator)`, and compare-and-set edits on top of it
- `store.summary`, `store.history`, `store.cache`: one row of an entry, what changed in it, cached against fresh

and behind them, in rooms of their own: `store.text` (the file's bytes), `store.entry` (keys, fields, the units that
can be edited), `store.openclaw` (where stores are, which release owns one), `store.writing` and `store.watching`.
"""
