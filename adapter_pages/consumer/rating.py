"""Reads the form in which a consumer says how a chat was."""

from collections.abc import Mapping, Sequence

from host.errors import FieldsError
from host.gate import characters
from host.sessions.ratings import NOTHING, Rating

MOST_CHARACTERS = 5_000
MOST_OF_AN_ANSWER = 2_000
RATINGS = {str(number): number for number in range(1, 6)}


def read(given: Mapping[str, str], questions: Sequence[str]) -> Rating:
    """Return what a form says.

    Args:
        given: `rating`, `feedback`, `survey_0`, `survey_1`, ...; what is empty is left out.
        questions: Those of the queue's survey, in order.

    Raises:
        FieldsError: It says nothing, or a value is invalid.
    """
    stars = given.get("rating", "")
    if stars and stars not in RATINGS:
        raise FieldsError({"rating": f"found {stars[:10]!r}; allowed: 1 to 5"})
    feedback = _text("feedback", given.get("feedback", ""), MOST_CHARACTERS)
    said = [(question, f"survey_{number}") for number, question in enumerate(questions)]
    answers = [(question, _text(name, given.get(name, ""), MOST_OF_AN_ANSWER)) for question, name in said]
    rating = Rating(
        rating=RATINGS.get(stars),
        feedback=feedback or None,
        survey=tuple({"question": question, "answer": answer} for question, answer in answers if answer),
    )
    if rating == NOTHING:
        raise FieldsError({"rating": "Choose a rating, or write something."})
    return rating


def _text(name: str, given: str, most: int) -> str:
    text = given.strip()
    if len(text) > most:
        raise FieldsError({name: f"has {len(text)} characters; at most {most} fit"})
    if problem := characters.problem(text):
        raise FieldsError({name: problem})
    return text
