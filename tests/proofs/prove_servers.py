"""S1: worker, PostgreSQL or Valkey die in a placement, a move or an escalation: nothing is double, nothing is lost."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event

import pytest
from django.test import Client

from config.celery import app
from fiction.telling import do_jobs
from relocation.jobs import tasks
from tests.proofs import deaths, owner
from tests.proofs.crowd import at_once
from tests.proofs.dying import LOOK, PERFORM, moments, spread, stepped, workers
from tests.proofs.happenings import Escalation, Happening, Move, Placement, due_again
from tests.proofs.letters import Letters, letters
from tests.proofs.tally import QUICK, Tally, guarantee, scale
from tests.proofs.world import World
from tests.safety.processes import asked, at_tests_databases, pages, until

pytestmark = [guarantee("S1"), pytest.mark.usefixtures("lasting")]
OURS = ("propose", "tell_rung", "mail_on_call")
REST = "UPDATE relocation_outbox SET next_at = now() + %s::interval WHERE done_at IS NULL AND NOT kind = ANY(%s)"
HEALTHY = 10  # seconds
Serves = Callable[[], bool]


@pytest.fixture
def quiet(world: World) -> Iterator[Letters]:
    """No job, bell or letter but those of this row, while commits last."""
    with deaths.lasting_commits(), letters() as post:
        do_jobs()
        owner.rows(REST, "1 day", list(OURS))
        deaths.no_bells()
        yield post
        owner.rows(REST, "0", list(OURS))


def once(one: Happening, words: str, tally: Tally) -> None:
    """It has happened, once."""
    counts = one.counts()
    tally.count("double", int(max(counts) > 1))
    tally.count("lost", int(min(counts) < 1))
    tally.check(counts == {1}, f"{words}: it happened {sorted(counts)} times")


def whole(one: Happening, words: str, tally: Tally) -> bool:
    """It has happened once or not at all; which of both."""
    counts = one.counts()
    tally.count("halves", not tally.check(counts in ({0}, {1}), f"{words}: a half is left, {sorted(counts)}"))
    return counts == {1}


def test_whoever_works_or_rings_is_killed_and_nothing_is_double_and_nothing_lost(
    world: World, quiet: Letters, tally: Tally
) -> None:
    """Real workers, killed (-9) with all that they started; each does what the last one left, and dies in its own moment.

    The last one lives, and hears no bell: Valkey is killed with all that it kept.
    """
    begun: list[Happening] = []
    dooms = _moments(world)
    since = owner.rows("SELECT now()")[0][0]
    with workers(at_tests_databases(EMAIL_URL=quiet.address)) as some:
        for task, after in dooms:
            one, number = _begin(task, world)
            begun.append(one)
            killed = some.dies(LOOK if task == LOOK else PERFORM, number, after)
            tally.count("workers killed", tally.check(killed, f"{task}: it was not killed after {after} moments"))
            whole(one, f"{task} killed after {after} moments", tally)
            due_again(*OURS)
            tasks.sweep()
        with some.lives():
            _ring_until_told(begun, tally)
            for one in begun:
                once(one, "after another worker came", tally)
            for _death in range(scale(5, 1)):
                begun += _valkey_dies(world, tally)
    told = [one.mails() for one in begun if isinstance(one, Escalation)]
    others = owner.rows("SELECT count(*) FROM relocation_outbox WHERE kind = 'tell_assigned' AND done_at > %s", since)[0][0]
    letters_of_rungs = len(quiet.taken) - others
    tally.check(set(told) == {1} and letters_of_rungs == len(told), f"letters: {told}, of which {letters_of_rungs} were taken")
    tally.count("double", max(0, letters_of_rungs - len(told)))


def _moments(world: World) -> list[tuple[str, int]]:
    """The tasks in which a worker dies, and after how many moments; the last is when all is done but the queue has not heard."""
    one, late = Placement.of(world), Escalation.of(world)
    over = {"propose": moments(lambda: tasks.perform(one.row.pk)), LOOK: moments(late.act)}
    over["tell_rung"] = moments(lambda: tasks.perform(late.job()))
    due_again(*OURS)
    do_jobs()
    many = {"propose": scale(20, 1), LOOK: scale(6, 0), "tell_rung": scale(10, 1)}
    return [(task, after) for task, times in many.items() for after in (spread(over[task], times) if times else [])]


def _begin(task: str, world: World) -> tuple[Happening, int | None]:
    """What the worker will do, and the number of its job."""
    if task == "propose":
        made = Placement.of(world)
        return made, made.row.pk
    late = Escalation.of(world)
    if task == LOOK:
        app.send_task(LOOK, queue="celery")
        return late, None
    late.act()
    due_again(*OURS)
    tasks.sweep()
    return late, late.job()


def _ring_until_told(begun: list[Happening], tally: Tally) -> None:
    """Ring as the clock does, until all of it has happened and been told."""

    def rung() -> bool:
        if all(one.told() for one in begun if not isinstance(one, Move)):
            return True
        due_again(*OURS)
        tasks.sweep()
        app.send_task(LOOK, queue="celery")
        time.sleep(0.3)
        return False

    try:
        until(rung, deaths.PATIENCE)
    except TimeoutError:
        tally.check(False, "it was not done after all")


def _valkey_dies(world: World, tally: Tally) -> list[Happening]:
    """Bells are lost that rang before, and those that ring while it is dead."""
    begun: list[Happening] = [Placement.of(world), Escalation.of(world)]
    began = time.monotonic()
    gone = deaths.end_valkey()
    begun.append(Placement.of(world))
    deaths.valkey_again(gone)
    _ring_until_told(begun, tally)
    _healthy(began, "Valkey", tally)
    for one in begun:
        once(one, "after Valkey had forgotten everything", tally)
    return begun


def _healthy(began: float, server: str, tally: Tally) -> None:
    took, figure = time.monotonic() - began, f"tenths of a second to healthy at most, {server}"
    tally.check(took <= HEALTHY, f"{server} was healthy after {took:.1f} s only")
    tally.figures[figure] = max(tally.figures[figure], round(took * 10))
    tally.count(f"deaths of {server}")


class Pause:
    """Lets so many moments pass; then it waits until the server is dead."""

    def __init__(self, after: int, dead: Event) -> None:
        self.left, self.reached, self.dead = after, Event(), dead

    def __call__(self) -> None:
        if self.left == 0:
            self.reached.set()
            self.dead.wait(deaths.PATIENCE)
        self.left -= 1


@contextmanager
def served() -> Iterator[Serves]:
    """Whether pages are served: those of a real process that lives through it, in a quick run those of this one."""
    if QUICK:
        yield lambda: Client().get("/sign-in/").status_code == 200
        return
    with pages(at_tests_databases()) as (address, _process):
        yield lambda: asked(f"{address}/healthz")[0] == 200 and asked(f"{address}/sign-in/")[0] == 200


def test_postgres_that_dies_leaves_the_old_or_the_new_and_is_soon_healthy(world: World, quiet: Letters, tally: Tally) -> None:
    """One death falls into all three at once, each at a moment of its own; then each is tried again."""
    steps = [moments(one.act) for one in (Placement.of(world), Escalation.of(world))]
    moving = Move.of(world)
    steps.append(moments(moving.act))
    with served() as serves:
        for number, after in enumerate(zip(*(_spread(over) for over in steps), strict=True)):
            moving = moving.back()
            acts: list[Happening] = [Placement.of(world), Escalation.of(world), moving]
            how = signal.SIGKILL if number % 4 == 3 else signal.SIGQUIT
            _die_together(acts, after, how, serves, tally)
            for one, moment in zip(acts, after, strict=True):
                words = f"{type(one).__name__} in which PostgreSQL died after {moment} moments"
                if not whole(one, words, tally):
                    one.act()
                once(one, words, tally)


def _spread(over: int) -> list[int]:
    """As many moments for each; an act that has few dies at some of them more than once."""
    many = scale(12, 1)
    return [over // 2] if many == 1 else [round(n * (over - 1) / (many - 1)) for n in range(many)]


def _die_together(acts: list[Happening], after: tuple[int, ...], how: signal.Signals, serves: Serves, tally: Tally) -> None:
    dead = Event()
    pauses = [Pause(moment, dead) for moment in after]

    def one(number: int) -> None:
        if number == len(acts):
            for pause in pauses:
                pause.reached.wait(2)  # one may wait for a lock of another: that is a moment too
            _end(how, dead, serves, tally)
            return
        with stepped(pauses[number]):
            acts[number].act()

    outcomes = at_once(one, len(acts) + 1)
    deaths.anew()
    tally.check(outcomes["done"] >= 1, f"outcomes: {dict(outcomes)}")


def _end(how: signal.Signals, dead: Event, serves: Serves, tally: Tally) -> None:
    """End it, let those who wait go on, and see how long it takes until a page is served again."""
    began = time.monotonic()
    gone = deaths.end_postgres(how)
    dead.set()
    deaths.postgres_again(gone)
    until(serves, deaths.PATIENCE)
    _healthy(began, "PostgreSQL", tally)
