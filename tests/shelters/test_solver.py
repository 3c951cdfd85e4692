"""The solver of placements: what it answers is allowed, its bound holds, and small problems are solved to the best."""

import itertools
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shelters.placement.problem import Problem
from shelters.placement.solver import solve

pytestmark = pytest.mark.nodb
HOUSE = Path(__file__).resolve().parent.parent.parent
FEW = settings(max_examples=25, deadline=None, derandomize=True)


WHOLE = st.integers(-5, 40)


@st.composite
def problems(draw, scores=WHOLE):
    """Up to five households and three places, some pairs forbidden."""
    households, places = draw(st.integers(0, 5)), draw(st.integers(0, 3))
    sizes = draw(st.lists(st.integers(0, 4), min_size=households, max_size=households))
    capacities = draw(st.lists(st.integers(0, 6), min_size=places, max_size=places))
    row = st.lists(st.none() | scores, min_size=places, max_size=places)
    return sizes, capacities, draw(st.lists(row, min_size=households, max_size=households))


def by_hand(sizes, capacities, scores):
    """The best value, found by trying everything."""
    best = 0
    for homes in itertools.product([None, *range(len(capacities))], repeat=len(sizes)):
        pairs = [(i, j) for i, j in enumerate(homes) if j is not None]
        filled = [sum(sizes[i] for i, place in pairs if place == j) for j in range(len(capacities))]
        if all(f <= c for f, c in zip(filled, capacities, strict=True)) and all(scores[i][j] is not None for i, j in pairs):
            best = max(best, sum(scores[i][j] for i, j in pairs))
    return best


def run(*words, given=""):
    """The program by itself, without settings or a database."""
    program = [sys.executable, "-m", "shelters.placement", *words]
    return subprocess.run(program, input=given, capture_output=True, text=True, cwd=HOUSE, env={"PYTHONPATH": str(HOUSE)})


class TestSolve:
    @FEW
    @given(problems())
    def test_small_problems_are_solved_to_the_best_and_say_so(self, told):
        answer = solve(Problem.of(*told))
        assert answer.value == answer.bound == by_hand(*told) and answer.gap == 0

    @FEW
    @given(problems(st.integers(-50, 400).map(lambda n: n / 8)))
    def test_scores_need_not_be_whole(self, told):
        answer = solve(Problem.of(*told))
        assert math.isclose(answer.value, by_hand(*told), abs_tol=1e-9) and answer.gap == 0

    @FEW
    @given(problems())
    def test_nobody_is_put_where_they_may_not_be_or_where_beds_are_too_few(self, told):
        sizes, capacities, scores = told
        homes = solve(Problem.of(*told)).assignment
        assert all(scores[i][j] is not None for i, j in enumerate(homes) if j is not None)
        assert all(sum(sizes[i] for i, h in enumerate(homes) if h == j) <= c for j, c in enumerate(capacities))

    def test_who_is_better_left_out_is_left_out(self):
        assert solve(Problem.of([1], [1], [[-3]])).assignment == (None,)

    def test_a_household_greater_than_any_place_is_never_split(self):
        assert solve(Problem.of([5], [3, 3], [[9, 9]])).assignment == (None,)

    def test_it_ends_when_it_is_told_to_with_what_is_allowed_and_a_bound_that_holds(self):
        sizes, places = [n % 4 + 1 for n in range(60)], 20
        scores = [[(i * 37 + j * 91) % 101 for j in range(places)] for i in range(60)]
        problem, parts = Problem.of(sizes, [6] * places, scores), []
        halted = solve(problem, tell=lambda progress: parts.append(progress.part), stop=lambda: True)
        whole = solve(problem, seconds=1)
        assert parts and 0 < halted.value <= whole.value <= whole.bound <= halted.bound

    def test_time_that_is_up_still_gives_an_answer(self):
        answer = solve(Problem.of([1, 1], [1], [[3], [4]]), seconds=0)
        assert answer.value <= 4 <= answer.bound


class TestProgram:
    def test_it_prints_one_line_and_nothing_else(self, tmp_path):
        file = tmp_path / "problem.json"
        file.write_text('{"sizes": [2, 1, 3], "capacities": [3, 2], "scores": [[5, 4], [3, null], [9, 9]]}')
        done = run(str(file))
        told = json.loads(done.stdout)
        assert done.returncode == 0 and done.stdout.count("\n") == 1
        assert told.pop("seconds") >= 0
        assert told == {"assignment": [1, None, 0], "value": 13, "bound": 13, "gap": 0.0}

    def test_whole_numbers_stay_whole_and_a_file_may_come_from_outside(self):
        done = run("-", given='{"sizes": [1, 1], "capacities": [1, 1], "scores": [[0.1, 0.2], [0.3, 0.7]]}')
        assert '"value": 0.8, "bound": 0.8' in done.stdout

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ("[", "not JSON"),
            ("[]", "one object"),
            ('{"sizes": [1], "scores": [[1]]}', '"capacities" is missing'),
            ('{"sizes": [1], "capacities": [-1], "scores": [[1]]}', "-1 is not a whole number"),
            ('{"sizes": [1.5], "capacities": [1], "scores": [[1]]}', "1.5 is not a whole number"),
            ('{"sizes": [1], "capacities": [1], "scores": [[NaN]]}', "NaN is no number"),
            ('{"sizes": [1], "capacities": [1], "scores": [["a"]]}', "neither null nor a number"),
            ('{"sizes": [1], "capacities": [1, 2], "scores": [[1]]}', "needs 2 entries"),
            ('{"sizes": [1, 1], "capacities": [1], "scores": [[1]]}', "2 rows"),
        ],
    )  # fmt: skip
    def test_what_is_no_problem_is_told_in_a_sentence(self, given, said, capsys, monkeypatch):
        from io import StringIO

        from shelters.placement.__main__ import main

        monkeypatch.setattr("sys.stdin", StringIO(given))
        assert main(["-"]) == 2
        captured = capsys.readouterr()
        assert said in captured.err and not captured.out

    def test_a_file_that_is_not_there_is_told_too(self):
        assert run("/no/such/file").returncode == 2
