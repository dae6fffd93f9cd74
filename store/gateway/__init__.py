"""How the gateway itself writes its store: every path in its right form, and beside it the racy one of the releases.

A path is a pure function from the fresh entry to the next one, run by `Gateway.change` inside the store's lock. Its
racy form computes the same from a copy read earlier, and writes that over whatever the store says by then.

| path | module | loses in its racy form | source |
|---|---|---|---|
| agent handler | `agent_handler` | what was set while the request was thought about | #5369, #52786, PR #19328 |
| after an agent run | `after_run` | what was set during the run | #15882 |
| delivery of a run | `delivery_patch` | a route that changed during the run | #70575 |
| sessions.patch | `sessions_patch` | nothing: it always read fresh | #52786 |
| entry update, last route | `entry_update`, `last_route` | what the cache had not seen yet | #10331 |
| heartbeat | `heartbeat` | every entry changed since the load | 2026.1.29 to 2026.4.29 |
| new session | `resolution` | the id that the other resolution minted | #84575, PR #85404 |
"""
