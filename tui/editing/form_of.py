"""Which form edits a unit, and how an intent reads as what an operator would have typed into it."""

from __future__ import annotations

import json

from store.entry.delivery import SetDelivery
from store.entry.intent import Intent
from store.entry.levels import SetField
from store.entry.overrides import SetModel
from store.js import ABSENT, JsonObject
from tui.editing.form_delivery import DeliveryForm
from tui.editing.form_level import LevelForm
from tui.editing.form_model import SOURCES, ModelForm
from tui.editing.form_parts import Form
from tui.editing.known_models import known_models
from tui.state import Dashboard, RowId


def form_of(unit: str, field: str, dashboard: Dashboard, row: RowId, disk: JsonObject) -> Form:
    """An empty form for this unit of this row; any unit but model and delivery is a field of its own."""
    if unit == "model":
        return ModelForm(known_models(dashboard.rows.values()))
    if unit == "delivery":
        summary = dashboard.rows.get(row)
        return DeliveryForm(disk, summary.key_route if summary else None)
    return LevelForm(field)


def texts_of(intent: Intent) -> dict[str, str]:
    """What a form would hold for this intent."""
    if isinstance(intent, SetModel):
        source = intent.source if intent.source in SOURCES else "user"
        return {"set to": f"{intent.provider}/{intent.model}", "source": source}
    if isinstance(intent, SetDelivery):
        route = intent.route
        thread = "" if route.thread is None else str(route.thread)
        return {"channel": route.channel, "to": route.to, "account": route.account, "thread": thread, "do": "set"}
    if isinstance(intent, SetField):
        if intent.value is ABSENT:
            return {"field": intent.field, "do": "clear"}
        value = intent.value if isinstance(intent.value, str) else json.dumps(intent.value)
        return {"field": intent.field, "set to": value, "do": "set"}
    return {"source": "clear", "do": "clear"}
