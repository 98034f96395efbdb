from patchbay import Event


def test_a_line_names_the_session_and_what_it_is_about() -> None:
    lines = [
        Event("New_Chat", {"chat_id": 73522, "queue_path": "HB TEAM / Edvards"}, {}).line,
        Event("Chat_Inbound_Message", {"chat_id": 73522, "message": "Where is my order?"}, {}).line,
        Event("New_Call", {"call_id": 103646}, {}).line,
        Event("CRM_Record_Pop", {"recordUrl": "https://crm.example/1"}, {}).line,
        Event("Agent_Login", {"agent_id": 1, "agent_email": "james.bond@agents.co"}, {}).line,
        Event("Agent_Login", {"agent_id": 1}, {}).line,
    ]
    assert lines == [
        "New_Chat: chat 73522, HB TEAM / Edvards",
        "Chat_Inbound_Message: chat 73522, Where is my order?",
        "New_Call: call 103646",
        "CRM_Record_Pop: https://crm.example/1",
        "Agent_Login: james.bond@agents.co",
        "Agent_Login",
    ]


def test_only_true_means_replayed() -> None:
    replayed = [Event("New_Chat", {}, {"replayed": value}).replayed for value in (True, False, 1, "yes", None)]
    assert replayed == [True, False, False, False, False]
    assert Event("New_Chat", {}, {}).replayed is False
