import pytest

from host.db.engine import Database
from host.errors import FieldsError
from host.queues import tree
from host.users import directory


def test_adds_a_queue_with_the_missing_ones_above_it(database: Database) -> None:
    with database.write() as connection:
        james = tree.upsert(connection, ("Developers", "James"), lang="en-GB", settings={"offer_time_s": 5})
        above = tree.by_path(connection, "Developers")
    assert above is not None
    assert (james.parent_id, james.lang, james.settings.offer_time_s) == (above.id, "en-GB", 5)
    assert tree.path_text(james) == "Developers / James"
    assert tree.menu_path(james) == "Developers/James"


def test_changes_only_what_is_given(database: Database) -> None:
    with database.write() as connection:
        first = tree.upsert(connection, ("Support",), lang="de", settings={"offer_time_s": 5, "max_waiting": 7})
        again = tree.upsert(connection, ("Support",), settings={"offer_time_s": 6})
    assert (again.id, again.lang) == (first.id, "de")
    assert (again.settings.offer_time_s, again.settings.max_waiting) == (6, 7)


def test_lists_parents_before_children_in_the_order_of_adding(database: Database) -> None:
    with database.write() as connection:
        for path in (("Sales", "Orders"), ("Developers", "James"), ("Sales", "Refunds"), ("Developers",)):
            tree.upsert(connection, path)
        listed = [tree.path_text(queue) for queue in tree.all(connection)]
        leaves = [tree.path_text(queue) for queue in tree.leaves(connection)]
    assert listed == ["Sales", "Sales / Orders", "Sales / Refunds", "Developers", "Developers / James"]
    assert leaves == ["Sales / Orders", "Sales / Refunds", "Developers / James"]


def test_finds_by_path_and_by_id(database: Database) -> None:
    with database.write() as connection:
        james = tree.upsert(connection, ("Developers", "James"))
    with database.read() as connection:
        assert tree.by_path(connection, "Developers / James") == james
        assert tree.by_id(connection, james.id) == james
        assert tree.by_path(connection, "James") is None
        assert tree.by_id(connection, 99) is None


def test_agents_are_replaced_and_those_who_left_are_not_listed(database: Database) -> None:
    with database.write() as connection:
        queue = tree.upsert(connection, ("Support",))
        james = directory.upsert(connection, "agent@example.com", name="James Bond", roles=["agent"])
        other = directory.upsert(connection, "agent2@example.com", roles=["agent"])
        tree.set_agents(connection, queue.id, [james.id])
        tree.set_agents(connection, queue.id, [other.id, james.id])
        directory.upsert(connection, "agent2@example.com", is_active=False)
        assert tree.agent_ids(connection, queue.id) == [james.id]


def test_refuses_an_unknown_agent_and_a_nameless_queue(database: Database) -> None:
    with database.write() as connection:
        queue = tree.upsert(connection, ("Support",))
        with pytest.raises(FieldsError, match=r"agents: found the ids \[99\]"):
            tree.set_agents(connection, queue.id, [99])
        with pytest.raises(FieldsError, match="queue"):
            tree.upsert(connection, ("Support", " "))
