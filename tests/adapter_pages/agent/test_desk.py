from adapter_pages.agent import fragments
from host.sessions.starting import BY_CONSUMER
from host.sessions.transfers import Target
from tests.adapter_pages.conftest import Office


def test_offers_a_waiting_chat_with_what_is_known_of_the_caller(office: Office) -> None:
    office.start("Ada Lovelace", phone="+12223334444", custom_data={"order": {"label": "Order", "value": 12}})
    (offer,) = office.desk().offers
    assert offer.about.caller == "Ada Lovelace"
    assert offer.about.queue_path == "Developers / James"
    assert offer.about.contact == ("+12223334444",)
    assert [(entry.label, entry.value) for entry in offer.about.custom_data] == [("Order", "12")]
    assert offer.event_id is not None


def test_an_answered_chat_is_a_chat_in_front_and_no_offer(office: Office) -> None:
    session_id = office.answered()
    desk = office.desk()
    assert desk.offers == ()
    assert [(chat.about.session_id, chat.is_in_front) for chat in desk.chats] == [(session_id, True)]
    assert desk.active_id == session_id


def test_lists_lines_as_the_agent_sees_them(office: Office) -> None:
    session_id = office.answered()
    office.write(session_id, "Good morning")
    office.say(session_id, "Hello")
    (chat,) = office.desk().chats
    assert [(line.author, line.text, line.is_own, line.client_id) for line in chat.lines] == [
        ("Ada Lovelace", "Good morning", False, None),
        ("You", "Hello", True, "agent-Hello"),
    ]


def test_counts_what_came_while_another_chat_was_in_front(office: Office) -> None:
    first = office.answered("Ada Lovelace")
    office.write(first, "seen")
    second = office.answered("Grace Hopper")
    office.write(first, "not seen")
    office.write(second, "in front")
    assert [chat.unread for chat in office.desk().chats] == [1, 0]


def test_looking_at_a_chat_clears_its_mark(office: Office) -> None:
    first = office.answered("Ada Lovelace")
    second = office.answered("Grace Hopper")
    office.write(first, "one")
    office.focus(first)
    office.focus(second)
    assert [chat.unread for chat in office.desk().chats] == [0, 0]


def test_chats_keep_the_order_in_which_they_were_answered(office: Office) -> None:
    names = ["Ada Lovelace", "Grace Hopper"]
    for name in names:
        office.answered(name)
    assert [chat.about.caller for chat in office.desk().chats] == names


def test_an_ended_chat_stays_until_its_wrap_up_is_finished(office: Office) -> None:
    session_id = office.answered("Felix Leiter")
    office.write(session_id, "Bye")
    office.chats.end(session_id, by="end_user")
    [chat] = office.desk().chats
    assert chat.wrap_up is not None
    assert (chat.wrap_up.ending.words, chat.wrap_up.ending.minutes) == ("Felix Leiter ended the chat", "0:02")
    assert "Bye" in [line.text for line in chat.lines]
    html = fragments.regions(office.desk())
    assert 'aria-description="ended"' in html["chat-tabs"]
    assert "End chat" not in html[f"chat-{session_id}-buttons"]
    office.actions.wrap_ups.finish(session_id, office.agent_id, None, "Bye")
    assert office.desk().chats == ()


def test_an_agent_who_wraps_up_reads_nothing_of_the_next_agents_chat(office: Office) -> None:
    session_id, eve = office.answered(), office.another_agent("eve@example.com", "Eve Moneypenny")
    office.write(session_id, "For James")
    office.actions.transfers.transfer(session_id, office.agent_id, Target("agent", eve), is_warm=False)
    office.later()
    office.offers.answer(session_id, eve)
    office.write(session_id, "For Eve")
    [chat] = office.desk().chats
    assert chat.wrap_up is not None
    assert chat.wrap_up.ending.words == "Transferred to Eve Moneypenny"
    texts = [line.text for line in chat.lines]
    assert "For James" in texts
    assert "For Eve" not in texts
    office.focus(session_id)


def test_the_call_adapter_shows_no_chats(office: Office) -> None:
    office.answered()
    office.start("Grace Hopper")
    desk = office.desk("call")
    assert (desk.offers, desk.chats) == ((), ())


def test_a_state_that_the_system_set_is_shown_but_cannot_be_chosen(office: Office) -> None:
    office.answered()
    first, *others = office.desk().choices
    assert (first.name, first.is_current, first.is_settable) == ("In-chat", True, False)
    assert [choice.name for choice in others] == ["Available", "Break", "Meal", "Unavailable", "Offline"]
    assert all(choice.is_settable and not choice.is_current for choice in others)


def test_says_that_nobody_has_checked_what_a_consumer_wrote_of_themselves(office: Office) -> None:
    office.start("Ada Lovelace", phone="+12223334444", details={"person_from": BY_CONSUMER})
    office.start("Grace Hopper", phone="+13334445555")
    own, from_gateway = office.desk().offers
    assert (own.about.is_own_word, from_gateway.about.is_own_word) == (True, False)
    html = fragments.regions(office.desk())["offers"]
    assert html.count("not verified") == 1
