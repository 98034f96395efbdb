"""The faults of a simulation."""

import pytest

from host.errors import FieldsError
from host.simulation import faults
from host.simulation.faults import Faults


def test_names_and_shares_are_read() -> None:
    assert faults.read(("drop=0.1", "delay=1")) == {"drop": 0.1, "delay": 1.0}


@pytest.mark.parametrize("text", ["fire=0.1", "drop", "drop=", "drop=often", "drop=1.1", "drop=-0.1", "drop=nan"])
def test_others_are_refused_with_what_would_be_right(text: str) -> None:
    with pytest.raises(FieldsError) as refused:
        faults.read((text,))

    assert text.partition("=")[0] in refused.value.fields["fault"]


def test_dice_of_a_player_fall_the_same_for_a_seed_whatever_others_do() -> None:
    def thrown(*, with_another: bool) -> list[bool]:
        simulated = Faults({"drop": 0.5}, seed=4)
        other = simulated.dice("agent 2")
        dice = simulated.dice("agent 1")
        fallen = []
        for _ in range(20):
            if with_another:
                other.strikes("drop")
            fallen.append(dice.strikes("drop"))
        return fallen

    assert thrown(with_another=True) == thrown(with_another=False)
    assert set(thrown(with_another=False)) == {True, False}


def test_what_struck_is_counted() -> None:
    simulated = Faults({"drop": 1.0}, seed=4)
    dice = simulated.dice("agent 1")

    assert dice.strikes("drop")
    assert not dice.strikes("reorder")
    assert dice.delay_s() == 0
    assert simulated.struck == {"drop": 1}
