"""Every key of the terminal, in one place: help, hints and palette are made from these tables.

Ids are stable, so that a force may give keys of its own through Textual's keymap.
"""

from textual.binding import Binding


def _key(
    key: str, action: str, description: str, tooltip: str, *, shown: str = "", hint: bool = True
) -> Binding:
    name = action.partition("(")[0]
    return Binding(
        key,
        action,
        description,
        show=hint,
        key_display=shown or key,
        tooltip=tooltip,
        id=f"desk.{name}"
        if "(" not in action
        else f"desk.{name}.{action[action.index('(') + 1 : -1]}",
    )


ACTS: list[Binding] = [
    _key("c", "claim", "claim", "Take this conversation; again, to renew your claim"),
    _key("r", "reply", "reply", "Write a reply (claims the conversation first if nobody holds it)"),
    _key("t", "thrive", "THRIVE", "Record a THRIVE assessment: a grade and its reasons"),
    _key("x", "escalate", "escalate", "Hand the risk to someone who can act"),
    _key("e", "close", "close", "Close the contact with a disposition"),
    _key("o", "reopen", "reopen", "Open a closed contact again", hint=False),
    _key("u", "release", "release", "Give the conversation back", hint=False),
]
DESK: list[Binding] = [
    *ACTS,
    _key("n", "next", "next", "Claim and open the most urgent conversation that nobody holds"),
    _key(
        "exclamation_mark", "danger", "danger", "Open the immediate danger that the banner names",
        shown="!", hint=False,
    ),
    _key(
        "full_stop", "refresh", "refresh", "Take in what is new and put the queue in order",
        shown=".",
    ),
    _key("slash", "search", "search", "Search: words, handle, state, risk, category", shown="/"),
    _key("tab", "pane(1)", "next pane", "Go to the next pane", hint=False),
    _key("shift+tab", "pane(-1)", "previous pane", "Go to the pane before", hint=False),
    _key(
        "escape", "back", "back", "Back to the queue; there, clear the search",
        shown="esc", hint=False,
    ),
    _key("question_mark", "help", "help", "Show every key", shown="?"),
    _key("ctrl+p", "app.command_palette", "palette", "Find an act by its name", hint=False),
    _key("q", "quit_desk", "quit", "Leave the desk"),
]  # fmt: skip
QUEUE: list[Binding] = [
    _key("j,down", "move(1)", "down", "One conversation down", shown="j ↓"),
    _key("k,up", "move(-1)", "up", "One conversation up", shown="k ↑"),
    _key("pagedown,ctrl+d", "page(1)", "page down", "One screen down", shown="PgDn"),
    _key("pageup,ctrl+u", "page(-1)", "page up", "One screen up", shown="PgUp"),
    _key("g,home", "end(-1)", "first", "To the most urgent", shown="g Home"),
    _key("G,end", "end(1)", "last", "To the end of the queue", shown="G End"),
    _key("enter", "open", "open", "Open the conversation under the cursor", shown="enter"),
]
READING: list[Binding] = [
    _key("j,down", "scroll_down", "down", "Scroll down", shown="j ↓"),
    _key("k,up", "scroll_up", "up", "Scroll up", shown="k ↑"),
    _key("pagedown", "page_down", "page down", "One screen down", shown="PgDn"),
    _key("pageup", "page_up", "page up", "One screen up", shown="PgUp"),
    _key("g,home", "scroll_home", "first", "To the first message", shown="g Home"),
    _key("G,end", "scroll_end", "last", "To the last message", shown="G End"),
]
COMPOSER: list[Binding] = [
    Binding(
        "ctrl+s", "review", "review", key_display="^s", priority=True, id="composer.review",
        tooltip="See exactly what will be sent, to whom and where, before sending it",
    ),
    Binding(
        "ctrl+t", "template", "template", key_display="^t", priority=True, id="composer.template",
        tooltip="Insert one of the force's approved texts",
    ),
    Binding(
        "escape", "postpone", "postpone", key_display="esc", priority=True, id="composer.postpone",
        tooltip="Keep the draft and go back to the desk",
    ),
]  # fmt: skip
REVIEW: list[Binding] = [
    Binding(
        "s,enter", "choose('send')", "send", key_display="s", id="review.send",
        tooltip="Send it, as shown",
    ),
    Binding(
        "e,escape", "choose('edit')", "edit", key_display="e", id="review.edit",
        tooltip="Back to the text",
    ),
    Binding(
        "p", "choose('postpone')", "postpone", key_display="p", id="review.postpone",
        tooltip="Keep the draft for later",
    ),
    Binding(
        "a", "choose('abandon')", "abandon", key_display="a", id="review.abandon",
        tooltip="Give the draft up",
    ),
]  # fmt: skip
