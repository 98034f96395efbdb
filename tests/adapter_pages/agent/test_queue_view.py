from adapter_pages.agent import fragments, queue_view
from host.sessions.chats import NewChat
from tests.adapter_pages.conftest import Office


def test_counts_who_waits_in_the_agents_queues(office: Office) -> None:
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE pb_users SET status = 'Break'")
    waits_since = office.clock.now()
    office.start("Ada")
    office.later()
    office.start("Grace")
    office.call(answered=False)
    with office.database.read() as connection:
        james, web = queue_view.read(connection, office.agent_id)
        counts = [queue_view.waiting(connection, office.agent_id, each) for each in queue_view.CHANNELS]
        nobodys = queue_view.read(connection, office.agent_id + 1)
    assert (james.path, james.chats.waiting, james.calls.waiting) == ("Developers / James", 2, 1)
    assert james.chats.since == waits_since
    assert (web.path, web.chats.waiting, web.chats.since) == ("Support / Web", 0, None)
    assert (counts, nobodys) == ([2, 1], ())


def test_queues_are_a_table_with_how_long_the_first_waits(office: Office) -> None:
    with office.database.write() as connection:
        connection.exec_driver_sql("UPDATE pb_users SET status = 'Break'")
    office.chats.start(NewChat(queue="Support / Web", name="Ada"))
    with office.database.read() as connection:
        html = fragments.queues(queue_view.read(connection, office.agent_id))
    assert "Support / Web" in html
    assert html.count("longest <time") == 1
    assert "in no queue" in fragments.queues(())
