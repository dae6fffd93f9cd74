"""What every full screen shares: status line, scope line, body, key line, messages, second keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap, BindingType
from textual.screen import Screen

from tui.commands import Command, ScreenName, bindings, choice_line, find, key_line, means_something, shown_key
from tui.layout.scope import typed_line
from tui.layout.status import status_line
from tui.look.line import Line, Span, fit, pad
from tui.prompt import Prompt, Typed
from tui.screens.host import Host
from tui.state import Dashboard, Update
from tui.widgets.lean import LeanCompositor
from tui.widgets.lines_view import LinesView

SMALLEST = (60, 12)


class WatchScreen(Screen[None], inherit_bindings=False):
    """A screen of lines: `head` (status, scope), what `compose_body` yields, and `foot`, whose last line is the keys.

    A subclass passes `inherit_bindings=False`, sets `NAME` and `BINDINGS = [*bindings(NAME)]`, and gives `scope_line`
    and `body_lines`; the body fills the foot above the key line. The foot takes all the height there is, unless
    `foot.styles.height` is set for the sake of the widgets above it.
    """

    NAME: ClassVar[ScreenName] = "main"
    BINDINGS: ClassVar[list[BindingType]] = []
    DEFAULT_CSS: ClassVar[str] = """
    WatchScreen { layout: vertical; overflow: hidden; }
    WatchScreen #head { height: 2; }
    WatchScreen.-too-small > * { display: none; }
    WatchScreen.-too-small > #head { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._bindings = BindingsMap(bindings(self.NAME))  # the user's own keys, where BINDINGS has the program's
        self._compositor = LeanCompositor()
        self.head = LinesView(id="head")
        self.foot = LinesView(id="foot")
        self.prompt: Prompt | None = None
        self._waiting: Command | None = None

    @property
    def host(self) -> Host:
        """The app, as far as a screen needs it."""
        return cast("Host", self.app)

    @property
    def dashboard(self) -> Dashboard:
        """The state of the stores."""
        return self.host.dashboard

    def compose(self) -> ComposeResult:
        """Head, body, foot."""
        yield self.head
        yield from self.compose_body()
        yield self.foot

    def compose_body(self) -> ComposeResult:
        """Widgets between the scope line and the foot; none unless a screen has some."""
        yield from ()

    def scope_line(self, cells: int) -> Line:
        """Where you are, and what is selected from."""
        raise NotImplementedError

    def body_lines(self, cells: int, rows: int) -> Sequence[Line]:
        """The lines of the foot above the key line; at most `rows` of them."""
        raise NotImplementedError

    def cursor_in_body(self) -> int | None:
        """Which line of the body is the cursor's."""
        return None

    def keys_line(self, cells: int) -> Line:
        """The last line while nothing is being said."""
        return key_line(self.NAME, cells)

    def redraw(self) -> None:
        """Show everything as it is now; only what differs is sent."""
        if not self.is_mounted or not self.size.width:
            return
        self.redraw_head()
        self.redraw_foot()

    def redraw_head(self) -> None:
        """Status and scope line."""
        cells = self.size.width
        if self._too_small():
            wanted = f" {SMALLEST[0]}x{SMALLEST[1]} at least: the terminal has {cells}x{self.size.height}."
            self.head.show(((Span(fit(wanted, cells), "strong"),),))
        else:
            self.head.show((self.status_line(cells), self._typed_line(cells) or self.scope_line(cells)))

    def redraw_foot(self) -> None:
        """Body and key line."""
        cells, rows = self.size.width, self.foot_rows()
        body = [pad(text, cells) for text in self.body_lines(cells, rows - 1)[: rows - 1]]
        body = [*self.host.annotated([*body, *[()] * (rows - 1 - len(body))], cells)]
        cursor = self.cursor_in_body()
        last = self._last_lines(cells)
        shown = [*body, ()][: max(0, rows - len(last))] + last
        self.foot.show(shown, cursor if cursor is not None and cursor < rows - len(last) else None)

    def foot_rows(self) -> int:
        """How high the foot is, or will be after the layout that is under way."""
        height = self.foot.styles.height
        return int(height.value) if height is not None and height.is_cells else self.size.height - 2

    def status_line(self, cells: int) -> Line:
        """Line 1."""
        return status_line(self.dashboard, cells, demo=self.host.demo, title=self.host.title_line())

    def _typed_line(self, cells: int) -> Line:
        prompt = self.prompt
        return typed_line(prompt.sign, prompt.text, prompt.cursor, self.prompt_hint(), cells) if prompt else ()

    def _too_small(self) -> bool:
        return self.size.width < SMALLEST[0] or self.size.height < SMALLEST[1]

    def _last_lines(self, cells: int) -> list[Line]:
        if self._waiting is not None:
            return [choice_line(self._waiting, cells)]
        if self.host.messages.current:
            return [(Span(fit(" " + text, cells), "strong"),) for text in self.host.messages.wrapped(cells - 2)]
        return [self.keys_line(cells)]

    def show_update(self, update: Update) -> None:  # noqa: ARG002
        """News from the stores: redraw what it touches."""
        self.redraw()

    def tick(self) -> None:
        """A second went by: ages may step."""
        self.redraw()

    def say(self, sentence: str) -> None:
        """Show a sentence in the last lines until the next key."""
        self.host.messages.say(sentence)
        self.redraw()

    @property
    def types_text(self) -> bool:
        """Whether keys are letters of a text now."""
        return self.prompt is not None

    async def take_key(self, event: events.Key) -> bool:
        """Whether a key was consumed before any binding, by the prompt or as a second key.

        It ends any message, unless it is a key that does nothing here; of such a key it is said where there is none.
        """
        if self.prompt is not None and event.key != "ctrl+q":
            self.host.messages.clear()
            self.prompt_moved(self.prompt, self.prompt.key(event.key, event.character))
            return True
        waiting, self._waiting = self._waiting, None
        if waiting is None and event.key not in self.active_bindings:
            self._say_if_stray(event)
            return False
        if waiting is None and not self.host.messages.current:
            return False
        self.host.messages.clear()
        self.redraw()
        if waiting is None:
            return False
        chosen = next((choice for choice in waiting.choices if choice.key == event.character), None)
        if chosen is not None:
            await self.run_action(f"{waiting.name}('{chosen.name}')")
        return True

    def _say_if_stray(self, event: events.Key) -> None:
        """A letter that does something elsewhere is told that it does nothing here; one that never does is not."""
        quiet = self.types_text or self.host.messages.current or not event.is_printable
        if not quiet and means_something(event.key):
            helps = shown_key(find("help", self.NAME).keys[0])
            self.say(f"{shown_key(event.key)} does nothing here; {helps} has the keys of this screen.")

    def take_paste(self, text: str) -> None:
        """A paste goes to the prompt, and nowhere else."""
        if self.prompt is not None:
            self.prompt.insert(text)
            self.prompt_moved(self.prompt, "typing")

    def prompt_hint(self) -> str:
        """What stands at the right end of the line that is being typed."""
        if self.prompt is not None and self.prompt.sign == ":":
            return self.host.main_screen.command_hint(self.prompt.text)
        return self.search_hint()

    def prompt_moved(self, prompt: Prompt, typed: Typed) -> None:
        """A key went to the prompt; a command is the main screen's, wherever it is typed."""
        if prompt.sign == "/":
            self.search_moved(prompt, typed)
        elif typed in ("enter", "leave"):
            self.prompt = None
            if typed == "enter":
                self.host.main_screen.run_colon(prompt.text)
        self.redraw()

    def search_hint(self) -> str:
        """How much there is of what is typed after `/`; only a screen with that key is asked."""
        raise NotImplementedError

    def search_moved(self, prompt: Prompt, typed: Typed) -> None:
        """A key went to what is typed after `/`; drawing follows."""
        raise NotImplementedError

    def action_command_line(self) -> None:
        """Type a command."""
        self.prompt = Prompt(":")
        self.redraw()

    def action_choose(self, name: str) -> None:
        """Wait for the second key of a command."""
        self._waiting = find(name, self.NAME)
        self.redraw()

    def action_help(self) -> None:
        """The keys of this screen."""
        self.host.open_help(self.NAME)

    def action_read_only(self) -> None:
        """Read-only at once; off only after `y`."""
        if self.dashboard.read_only:
            self.lift_read_only()
        else:
            self.dashboard.read_only = True
            self.say("Read-only: nothing can be written until W, then y.")

    def lift_read_only(self) -> None:
        """Ask whether to, where it can be lifted."""
        if self.host.forced_read_only:
            self.say("This run was started with --read-only; no key lifts it.")
        else:
            self.action_choose("write_again")

    def action_write_again(self, _answer: str) -> None:
        """Lift read-only."""
        self.dashboard.read_only = False
        self.say("Writing is possible again, in a preview, with w.")

    def action_lock(self) -> None:
        """Who holds the lock."""
        self.host.open_lock()

    def action_interrupt(self) -> None:
        """Ctrl+C: once says so, twice quits."""
        self.host.leaving.interrupt()

    def action_quit_now(self) -> None:
        """Ctrl+Q."""
        self.host.leaving.leave()

    def action_suspend(self) -> None:
        """Ctrl+Z: back to the shell until `fg`."""
        self.app.action_suspend_process()

    def action_repaint(self) -> None:
        """Ctrl+L: send everything again."""
        self.host.shown.forget()
        self.refresh(layout=True)

    def action_leave(self) -> None:
        """One step back."""
        self.dismiss()

    def _compositor_refresh(self) -> None:
        """Paint once the terminal has taken the last frame: a line that stalls gets fewer, and holds nothing up."""
        if self.host.terminal_is_behind:
            self._dirty_widgets.add(self)
            self._update_timer.resume()
        else:
            super()._compositor_refresh()

    def on_resize(self, event: events.Resize) -> None:
        """Another size: everything is drawn again. One that is over already is left out.

        Textual's layout tells the screen every size it lays out for: two in turn would call for each other for ever.
        """
        if event.size != self.app.size:
            event.prevent_default()
            return
        self.set_class(self._too_small(), "-too-small")
        self.call_after_refresh(self.redraw)

    def on_screen_resume(self) -> None:
        """This screen is on top, for the first time or again: its first frame is already whole."""
        self.redraw()
        self.call_after_refresh(self.redraw)
