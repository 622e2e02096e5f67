"""Pairing by code on a terminal: `noiselens serve --code`."""

from __future__ import annotations

import sys
import threading
from queue import Empty, SimpleQueue
from typing import Protocol

import typer

from noiselens_core.text import printable

from .bridge.exchange import WINDOW_S, PairingState, Phase

LOOK_S = 0.2  # how often the pairing is looked at
YES = ("y", "yes")


class Desk(Protocol):
    """What pairs a browser by code; `BridgeServer` is one."""

    def pairing(self) -> PairingState:
        """Return where the pairing stands."""

    def open_pairing(self) -> None:
        """Let one browser be paired for a while."""

    def confirm_pairing(self) -> None:
        """The user has said that the browser shows the same code."""

    def close_pairing(self) -> None:
        """Pair nobody any more."""


def pair_on_terminal(desk: Desk, ended: threading.Event) -> None:
    """Pair one browser by code; return once that is decided, its time is over or `ended` is set.

    One browser may try: were there a second, an answer typed for the first one's code could be taken for its own.
    """
    desk.open_pairing()
    _say(f"Now choose “Show the code” in the extension's options. There are {WINDOW_S:.0f} seconds.")
    answers: SimpleQueue[str] = SimpleQueue()
    phase, said_no = Phase.WAITING, False
    while not ended.wait(LOOK_S):
        state = desk.pairing()
        if state.phase is Phase.WAITING and phase is not Phase.WAITING:
            break  # the browser has left
        if state.phase is Phase.COMPARING and phase is Phase.WAITING:
            _ask(state, answers)
        if state.phase is Phase.COMPARING and (answer := _typed(answers)) is not None:
            said_no = answer not in YES
            if said_no:
                break
            desk.confirm_pairing()
        if state.phase is Phase.CONFIRMED and phase is not Phase.CONFIRMED:
            _say("Now say the same in the browser.")
        phase = state.phase
        if not state.is_open:
            break
    state = desk.pairing()
    if state.is_open:
        desk.close_pairing()
    _say(_outcome(state, said_no))


def _ask(state: PairingState, answers: SimpleQueue[str]) -> None:
    _say(f"“{printable(state.browser)}” wants to be paired. The code here is {state.code[:3]} {state.code[3:]}.")
    _say("Does the browser show the same? Type y if it does, n if they differ, and press Enter.")
    # A thread of its own, which nobody waits for: the time may be over before anything is typed.
    threading.Thread(target=lambda: answers.put(sys.stdin.readline()), name="noiselens-answer", daemon=True).start()


def _typed(answers: SimpleQueue[str]) -> str | None:
    try:
        return answers.get_nowait().strip().casefold()
    except Empty:
        return None


def _outcome(state: PairingState, said_no: bool) -> str:
    if said_no:
        return (
            "Not paired. Codes that differ mean that another program is in between: "
            "close other programs, then start noiselens serve --code again."
        )
    match state.phase:
        case Phase.PAIRED:
            return f"“{printable(state.browser)}” is paired."
        case Phase.EXPIRED:
            return "The time is over and no browser was paired. Start noiselens serve --code again when it is ready."
        case Phase.FAILED:
            return state.text
    return "No browser was paired. Start noiselens serve --code again."


def _say(sentence: str) -> None:
    typer.echo(sentence)
    sys.stdout.flush()
