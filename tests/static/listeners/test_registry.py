from patchbay import Registry

TYPE_CHECKING = False
if TYPE_CHECKING:
    from patchbay import Event, Shell


def problem_of(*types: str) -> str:
    try:
        Registry().on(*types)
    except ValueError as error:
        return str(error)
    return ""


def test_an_unknown_type_is_refused_when_it_is_registered() -> None:
    assert "on(): no event 'New_Fax'; there are: Active_Chat, " in problem_of("New_Fax")
    assert "takes the types of events" in problem_of()
    assert problem_of("New_Chat", "*") == ""


def test_registering_returns_the_handler() -> None:
    def handler(event: "Event", shell: "Shell") -> None:
        pass

    assert Registry().on("New_Chat")(handler) is handler
