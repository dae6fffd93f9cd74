"""Hypothesis strategies for stores: JSON as JavaScript writes it, with every nasty value the reference lists."""

from __future__ import annotations

from hypothesis import strategies as st

from store.js import Json, JsonObject, encode

NASTY_TEXT = st.sampled_from(
    [
        "",
        "é🔎",
        'q"\\\n    "label": 1',
        '\n  "fake": {',
        "\u2028",
        "\ud83d",
        "a\x7f",
        "}",
        "\x1b]0;t\x07",
        "[/foo]",
        "\u202eabc",
    ]
)
TEXTS = NASTY_TEXT | st.text(st.characters(codec=None, categories=["L", "N", "P", "Cc", "Cs", "So"]), max_size=8)
NUMBERS = (
    st.sampled_from([0, 1, -5, 2**53, 4e-6, 1e21, 1.5, 1e-7, 1771000000000])
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda x: x != 0)
)
SCALARS = st.none() | st.booleans() | NUMBERS | TEXTS
FIELDS = st.sampled_from(
    ["label", "modelOverride", "providerOverride", "updatedAt", "sessionId", "7", "é", "__proto__", "origin", "a b", ""]
)
VALUES: st.SearchStrategy[Json] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=3), max_leaves=6
)
ENTRIES: st.SearchStrategy[JsonObject] = st.dictionaries(FIELDS, VALUES, max_size=7)
KEYS = st.sampled_from([f"agent:main:{number}" for number in range(8)] + ['k"q', "é", "\ud83d", "a\nb", "", "\\"])
STORES: st.SearchStrategy[JsonObject] = st.dictionaries(KEYS, ENTRIES | SCALARS, max_size=9)


def store_text(store: JsonObject) -> bytes:
    """The bytes OpenClaw writes for this store."""
    return encode(store).encode()
