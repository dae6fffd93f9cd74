"""Session keys of every form the reference lists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.entry.keys import SessionKey, parse_key


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("agent:main:main", SessionKey("main", "main", "main")),
        ("agent:main:direct:p1", SessionKey("main", "direct", "direct:p1", "", "", "p1")),
        (
            "agent:main:whatsapp:direct:+4915",
            SessionKey("main", "direct", "whatsapp:direct:+4915", "whatsapp", "", "+4915"),
        ),
        ("agent:m:whatsapp:dm:+49", SessionKey("m", "direct", "whatsapp:dm:+49", "whatsapp", "", "+49")),
        (
            "agent:m:telegram:bot2:direct:77",
            SessionKey("m", "direct", "telegram:bot2:direct:77", "telegram", "bot2", "77"),
        ),
        (
            "agent:main:telegram:group:-100198:topic:42",
            SessionKey("main", "group", "telegram:group:-100198:topic:42", "telegram", "", "-100198", "42"),
        ),
        (
            "agent:ops:slack:channel:c0a1:thread:177.33",
            SessionKey("ops", "thread", "slack:channel:c0a1:thread:177.33", "slack", "", "c0a1", "177.33"),
        ),
        (
            "agent:main:matrix:room:!abc:server.org",
            SessionKey("main", "channel", "matrix:room:!abc:server.org", "matrix", "", "!abc:server.org"),
        ),
        ("agent:coder:subagent:7f3a", SessionKey("coder", "subagent", "subagent:7f3a")),
        ("agent:ops:cron:daily", SessionKey("ops", "cron", "cron:daily")),
        ("agent:ops:cron:daily:run:5d2e", SessionKey("ops", "cron run", "cron:daily:run:5d2e")),
        ("cron:daily", SessionKey("", "cron", "cron:daily")),
        ("hook:0a77", SessionKey("", "hook", "hook:0a77")),
        ("agent:coder:acp:claude:4c1d", SessionKey("coder", "acp", "acp:claude:4c1d")),
        ("node-7", SessionKey("", "node", "node-7")),
        ("global", SessionKey("", "other", "global")),
        ("", SessionKey("", "other", "")),
    ],
)
def test_parts_of_a_key(key: str, parts: SessionKey) -> None:
    assert parse_key(key) == parts


@given(st.text(alphabet="agent:mindrctgroupopi\x1b[]é", max_size=40))
def test_any_text_is_a_key(key: str) -> None:
    parts = parse_key(key)
    assert key in (parts.rest, f"agent:{parts.agent}:{parts.rest}")
