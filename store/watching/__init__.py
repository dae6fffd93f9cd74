"""How new versions are noticed, held and told apart; `store.watch` is the way in."""
