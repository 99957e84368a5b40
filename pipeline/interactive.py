"""The interactive mode: stage by stage, asking only what a stage needs, and after each: continue, change, redo or quit."""

from dataclasses import replace
from typing import Literal

from core.atomic_files import storage_errors
from core.clock import now_ms
from core.errors import APIError, ConfigError, CredentialError, DataError
from pipeline.app import App
from pipeline.context import RunContext
from pipeline.farewell import resume_command, saved_trials
from pipeline.log_files import start_logging
from pipeline.opening import new_run
from pipeline.prompts import Choice, Prompter
from pipeline.questions import Ask, ask_markets, ask_strategy
from pipeline.runner import run_stage, show_outcome
from pipeline.screen import Screen
from pipeline.serving import Serving
from pipeline.settings import resolve_settings, save_settings
from pipeline.stage_work import StageWork
from pipeline.stages import ALL_STAGES
from pipeline.whole_run import conclude

_QUESTIONS: dict[str, Ask] = {"selection": ask_markets, "strategy": ask_strategy}
Next = Literal["continue", "change", "redo", "quit"]


def interactive_run(app: App, screen: Screen, prompter: Prompter, serving: Serving) -> None:
    """Go through all stages with a person; whatever is finished is saved, and quitting prints how to go on."""
    settings = resolve_settings(app.paths, None)
    with new_run(app, screen, settings) as context:
        screen.line(f"Run {context.run.run_id}. Arrow keys choose, Enter takes the default, Ctrl-C leaves; what is finished is kept.")
        finished = _Dialogue(context, prompter).go_through()
    if finished:
        conclude(app, screen, context.run, serving)
    else:
        screen.line(f"Saved, with {saved_trials(context.run):,} trials. Continue with: {resume_command(context.run.run_id)}")


class _Dialogue:
    """One pass through the stages, with steps back where settings are changed."""

    def __init__(self, context: RunContext, prompter: Prompter) -> None:
        self._context = context
        self._prompter = prompter
        self._asked: set[str] = set()

    def go_through(self) -> bool:
        """Return True when all stages are done, False when the person quit."""
        position = 0
        while position < len(ALL_STAGES):
            work = ALL_STAGES[position]
            step = self._do(work)
            if step == "quit":
                return False
            if step == "change":
                position = self._where_to_change(position)
            elif step == "redo":
                self._forget(work)
            else:
                position += 1
        return True

    def _do(self, work: StageWork) -> Next:
        """Ask, run and show one stage; return what to do next. Trouble that settings can cure leads to the same menu."""
        try:
            self._ask(work)
            outcome = run_stage(self._context, work)
        except (ConfigError, DataError, APIError, CredentialError) as error:
            self._context.screen.bad(f"error: {error}")
            return self._menu(work, failed=True)
        show_outcome(self._context, work.stage, outcome)
        return "continue" if outcome is None else self._menu(work, failed=False)

    def _ask(self, work: StageWork) -> None:
        ask = _QUESTIONS.get(work.stage.name)
        if ask is None or work.stage.name in self._asked:
            return
        self._context.screen.heading(f"Settings for stage {work.stage.number}: {work.stage.title}")
        settings = ask(self._prompter, self._context.settings, self._context.paths)
        self._context = replace(self._context, settings=settings)
        save_settings(self._context.run, settings, now_ms())
        self._asked.add(work.stage.name)
        self._catch_up(work)

    def _catch_up(self, work: StageWork) -> None:
        """Run the stages before ``work`` again as far as the new settings concern them: another exchange has to answer too."""
        for earlier in ALL_STAGES[: ALL_STAGES.index(work)]:
            outcome = run_stage(self._context, earlier)
            if outcome is not None:
                show_outcome(self._context, earlier.stage, outcome)

    def _menu(self, work: StageWork, *, failed: bool) -> Next:
        choices = [
            Choice("change", "change: other settings"),
            Choice("redo", "redo: this stage once more"),
            Choice("quit", "quit: keep what is done"),
        ]
        if not failed:
            choices.insert(0, Choice("continue", "continue"))
        answer = self._prompter.choose(f"Stage {work.stage.number} {'failed' if failed else 'is done'}. Next?", choices)
        known: dict[str, Next] = {"continue": "continue", "change": "change", "redo": "redo", "quit": "quit"}
        return known[answer]

    def _where_to_change(self, position: int) -> int:
        """Ask which settings are to change and return the stage that asks for them; its questions come again."""
        places = {work.stage.name: number for number, work in enumerate(ALL_STAGES) if work.stage.name in _QUESTIONS}
        texts = {"selection": "markets, dates, quantity", "strategy": "strategy, search, windows"}
        if ALL_STAGES[position].stage.name in places:
            name = ALL_STAGES[position].stage.name
        else:
            name = self._prompter.choose("Change what?", [Choice(name, texts[name]) for name in places])
        self._asked.discard(name)
        return places[name]

    def _forget(self, work: StageWork) -> None:
        """Make a stage run again: without its marks it starts over, with the keys that config/.env holds by now."""
        levels = self._context.settings.log_levels
        secrets = start_logging(self._context.paths, console=self._context.screen.log_handler(), levels=levels)
        self._context = replace(self._context, secrets=secrets)
        folder = self._context.run.stage(work.stage)
        with storage_errors(folder):
            (folder / "stage.json").unlink(missing_ok=True)
            (folder / "begun.json").unlink(missing_ok=True)
