from __future__ import annotations

import pytest

from hubopt.instance import validate
from tests.instance.whole_city import whole
from tests.instance.whole_defects import WRONGS, Wrong
from tests.texts.chinese import english_left

SEVERAL = {
    "outbound goods with a partner": 2, "origins of no goods": 6, "origins in no zone": 2, "origins in no group": 3,
    "share above one": 2, "origins of a zone left out": 2, "shares beyond what a group sends": 4,
    "waiting longer than the way": 3, "outages of goods without hubs": 6, "budget of a gateway for in-city goods": 2,
}  # fmt: skip
"""Number of problems of defects that show in several rows or make something else impossible too."""


def test_the_whole_city_is_sound() -> None:
    """The case that the defects are made from has no problem of its own."""
    assert validate(whole()) == []


@pytest.mark.parametrize("wrong", WRONGS, ids=lambda wrong: wrong.name)
def test_a_defect_of_the_whole_plan_is_named(wrong: Wrong) -> None:
    """Each defect is reported in its file, in words that say where it is and what to do, and nothing else is."""
    problems = validate(wrong.change(whole()))
    texts = [str(problem) for problem in problems if problem.file == wrong.file]
    assert any(all(words in text for words in wrong.says) for text in texts), "\n".join(map(str, problems))
    assert all(problem.mend for problem in problems)
    said = [text for problem in problems for text in (problem.message, problem.mend)]
    assert [text for text in said if english_left(text)] == []
    assert len(problems) == SEVERAL.get(wrong.name, 1), "\n".join(map(str, problems))
