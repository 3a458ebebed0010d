"""The language model advisor: a task beside the engine that only ever makes words to look at.

It sees a state and its decision, and gives a view. It holds nothing that could send an order,
change a profile or write to the engine's journal, and whatever happens to it the rules go on.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.errors import DataError, TerminalError
from terminal.core.secret import Secret
from terminal.engine.state import State
from terminal.model.advice import (
    Advice,
    AdviceView,
    AdvisorSettings,
    AskAdvice,
    Suggestion,
    SwitchAdvice,
)
from terminal.model.frame import Tracks
from terminal.model.oracle import OracleView, Sealed
from terminal.model.risk import RiskProfile
from terminal.oracle.words import LONGEST, checked, read_answer
from terminal.oracle.words_budget import (
    Sizes,
    Spent,
    refusal,
    reserved,
    standing,
    used,
    words,
)
from terminal.oracle.words_envelope import Envelope, opened, question
from terminal.oracle.words_snapshot import INSTRUCTIONS, Snapshot, shown, snapshot
from terminal.runtime.advisor_files import Answered, Asked, WordsJournal
from terminal.runtime.advisor_scores import Score, scored
from terminal.runtime.beside import beside
from terminal.venues.redaction import Redactor

log = logging.getLogger(__name__)

LOOK_S: Final = 0.2
"""Between two looks at whether somebody asks."""

SCORE_S: Final = 60.0
"""Longest wait for the core to score a proposal."""

OFF: Final = "Off: the rules decide and explain by themselves."
READY: Final = "On. Ask for words about the newest decision; they change nothing by themselves."


class Server(Protocol):
    """Where the words come from."""

    def host(self) -> str:
        """Name for messages."""
        ...

    def why_not(self) -> str:
        """Why it cannot be asked as it is set up; empty when it can."""
        ...

    async def key(self) -> Secret | None:
        """Its key; None where it needs none."""
        ...

    async def ask(self, body: bytes, key: Secret | None) -> bytes:
        """Send a question, read the reply; raises TerminalError, in words of ours."""
        ...


class Scene(Struct, frozen=True):
    """What was on the screen."""

    state: State
    tracks: Mapping[str, Tracks]
    oracle: OracleView


class Talk(Struct, frozen=True, kw_only=True):
    """One exchange of words under way."""

    scene: Scene
    entry: Sealed
    profile: RiskProfile
    seen: Snapshot
    prompt: str
    body: bytes
    most: Spent


class Advisor:
    """Asks when it is told to, one question at a time, and keeps the latest view.

    Parameters
    ----------
    settings : AdvisorSettings
    server : Server
    journal : WordsJournal
    redactor : Redactor
        Takes keys out of what is sent and kept, should one ever get there.
    now : callable
        Wall time, UtcNs.
    fault : str
        Why it cannot be switched on in this run; empty when it can.
    """

    def __init__(
        self,
        settings: AdvisorSettings,
        server: Server,
        journal: WordsJournal,
        redactor: Redactor,
        *,
        now: Callable[[], int] = time.time_ns,
        fault: str = "",
    ) -> None:
        self._settings = settings
        self._server = server
        self._journal = journal
        self._redactor = redactor
        self._now = now
        self._scene: Scene | None = None
        self._wishes: deque[str] = deque(maxlen=1)
        self._asked_at = 0
        self._asked_seal = ""
        on = settings.on and not fault
        start = f"Off: {fault}" if fault else READY if on else OFF
        self._view = AdviceView(can=not fault, on=on, words=start)

    def take(self, wish: AskAdvice | SwitchAdvice) -> None:
        """Take a person's wish."""
        if isinstance(wish, SwitchAdvice):
            on = wish.on and self._view.can
            self._wishes.clear()
            self._show(on=on, advice=None, words=READY if on else OFF)
        elif not self._view.on:
            self._show(words="Off: switch it on first.")
        else:
            self._wishes.append(wish.underlying)

    def of(self, state: State, tracks: Mapping[str, Tracks], oracle: OracleView) -> AdviceView:
        """Look at a moment, and answer what a screen may show; the same value while it stands."""
        self._scene = Scene(state, tracks, oracle)
        return self._view

    async def serve(self) -> None:
        """Ask as wished until cancelled; no failure ends it."""
        turn = self._warm
        while True:
            try:
                await turn()
            except TerminalError as error:
                self._give_up(str(error))
            except Exception as error:  # advice must never take the engine with it
                log.exception("the advisor failed")
                self._give_up(f"the advisor failed: {type(error).__name__}")
            turn = self._turn
            await asyncio.sleep(LOOK_S)

    async def _warm(self) -> None:
        """Read beside the loop what was used before; a fault is said at once."""
        late = DataError("the files of words take too long to read")
        await beside(lambda: self._journal.spent(self._now()), SCORE_S, late)

    async def _turn(self) -> None:
        name = self._due()
        if name is not None and self._scene is not None:
            await self._talk(self._scene, name)

    def _due(self) -> str | None:
        """Coin that is to be asked about now; empty: any; None: nothing to ask."""
        if not self._view.on:
            return None
        if self._wishes:
            return self._wishes.popleft()
        every, scene = self._settings.every_s, self._scene
        if not every or scene is None or not scene.oracle.recent:
            return None
        due = self._now() - self._asked_at >= every * 1e9
        news = scene.oracle.recent[-1]
        return news.decision.underlying if due and news.seal != self._asked_seal else None

    async def _talk(self, scene: Scene, name: str) -> None:
        self._asked_at = self._now()
        why = self._server.why_not()
        if why:
            self._give_up(why)
            return
        talk = self._prepared(scene, name)
        if isinstance(talk, str):
            self._give_up(talk)
            return
        self._asked_seal = talk.entry.seal
        self._show(busy=True, prompt=talk.prompt, words=f"Asking {self._server.host()}…")
        key = await self._server.key()
        self._journal.write(_asked(talk, self._server.host(), self._settings.model))
        began = time.perf_counter()
        envelope, fault = await self._heard(talk, key)
        took = round((time.perf_counter() - began) * 1e3)
        advice = await self._judged(talk, envelope, fault, took)
        if advice is not None:
            await self._score(talk.scene, advice)

    def _prepared(self, scene: Scene, name: str) -> Talk | str:
        """A question that is within its budgets, or why there is none."""
        recent = scene.oracle.recent
        entry = next(
            (each for each in reversed(recent) if name in ("", each.decision.underlying)), None
        )
        profile = scene.state.profile
        if entry is None or profile is None:
            return "no decision has been recorded yet"
        seen = snapshot(entry.decision, profile)
        text = self._redactor.clean(shown(seen))
        settings, now = self._settings, self._now()
        body = question(settings.model, INSTRUCTIONS, text, settings.answer_tokens)
        most = reserved(settings, len(body), now)
        why = refusal(settings, standing(self._journal.spent(now), now), most)
        if why:
            return f"{why}; it is not asked"
        return Talk(
            scene=scene,
            entry=entry,
            profile=profile,
            seen=seen,
            prompt=f"{INSTRUCTIONS}\n\n{text}",
            body=body,
            most=most,
        )

    async def _heard(self, talk: Talk, key: Secret | None) -> tuple[Envelope | None, str]:
        """The reply's words, or why there are none."""
        try:
            return opened(await self._server.ask(talk.body, key)), ""
        except DataError as error:
            return None, f"the reply was refused: {error}"
        except TerminalError as error:
            return None, str(error)

    async def _judged(
        self, talk: Talk, envelope: Envelope | None, fault: str, took: int
    ) -> Advice | None:
        """Judge an answer, keep it in the file of words, and show what is left of it."""
        advice: Advice | None = None
        if envelope is not None:
            try:
                advice = self._advice(talk, envelope.content, took)
            except DataError as error:
                fault = f"the answer was refused: {error}"
        self._journal.write(self._answered(talk, envelope, fault, advice, took=took))
        if advice is None or not self._view.on:
            self._give_up(fault)
            return None
        said = advice.summary or "the model's words were dropped, see why"
        self._show(busy=False, advice=advice, words=said)
        return advice

    def _advice(self, talk: Talk, content: str, took: int) -> Advice:
        decision = talk.entry.decision
        found = checked(read_answer(content), decision, talk.seen, talk.profile)
        return Advice(
            underlying=decision.underlying,
            number=decision.number,
            seal=talk.entry.seal,
            model=self._settings.model,
            asked_at=talk.most.at,
            took_ms=took,
            agreement=found.agreement,
            concerns=found.concerns,
            summary=found.summary,
            suggestions=found.suggestions,
            notes=found.notes,
            base=talk.profile,
        )

    def _answered(
        self, talk: Talk, envelope: Envelope | None, fault: str, advice: Advice | None, *, took: int
    ) -> Answered:
        spent = talk.most
        answer = ""
        if envelope is not None:
            # half of a surrogate pair may stand in a text, but in no file
            plain = envelope.content.encode("utf-8", "backslashreplace").decode()
            answer = self._redactor.clean(plain)
            sizes = Sizes(len(talk.body), len(answer))
            spent = used(self._settings, envelope.usage, talk.most, sizes)
        return Answered(
            at=talk.most.at,
            took_ms=took,
            tokens=spent.tokens,
            usd=spent.usd,
            answer=answer[:LONGEST],
            fault=fault,
            notes=advice.notes if advice else (),
        )

    async def _score(self, scene: Scene, advice: Advice) -> None:
        """Have the core score each proposal, one after the other, beside the loop."""
        for place, each in enumerate(advice.suggestions):
            found = await _scored(scene, advice.underlying, each)
            if not self._view.on:
                return
            draft = None if found.refused else each.draft
            fresh = replace(each, outcome=found.words, refused=found.refused, draft=draft)
            every = list(advice.suggestions)
            every[place] = fresh
            advice = replace(advice, suggestions=tuple(every))
            self._show(advice=advice)

    def _give_up(self, why: str) -> None:
        """Say why there are no words; older ones are taken back."""
        text = f"No words: {self._redactor.clean(why)}. The rules go on."
        self._show(busy=False, advice=None, words=text if self._view.on else self._view.words)

    def _show(self, **changes: object) -> None:
        view = replace(self._view, **changes)
        now = self._now()
        try:
            spent = words(self._settings, standing(self._journal.spent(now), now))
        except TerminalError as error:
            spent = str(error)
        self._view = replace(view, spent=spent)


async def _scored(scene: Scene, underlying: str, each: Suggestion) -> Score:
    """Have the core score a proposal in a thread; refused where it cannot be."""
    draft = each.draft
    if draft is None:
        return Score(refused=each.refused)
    late = DataError(f"the core took longer than {SCORE_S:g} s to score it")
    score: Awaitable[Score] = beside(
        lambda: scored(scene.state, underlying, draft, scene.tracks), SCORE_S, late
    )
    try:
        return await score
    except Exception as error:  # noqa: BLE001 - a proposal that cannot be scored is refused
        return Score(refused=f"it could not be scored: {error}")


def _asked(talk: Talk, host: str, model: str) -> Asked:
    """Line that is written before a prompt leaves."""
    decision = talk.entry.decision
    return Asked(
        at=talk.most.at,
        underlying=decision.underlying,
        number=decision.number,
        seal=talk.entry.seal,
        host=host,
        model=model,
        prompt=talk.prompt,
        tokens=talk.most.tokens,
        usd=talk.most.usd,
    )
