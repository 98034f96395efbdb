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


def test_what_is_collected_leaves_the_registry_as_it_was() -> None:
    registry = Registry()

    def handler(event: "Event", shell: "Shell") -> None:
        pass

    collected = registry.collect(lambda: registry.on("New_Chat")(handler))
    assert registry.handlers("New_Chat") == []
    assert collected.handlers("New_Chat") == [handler]
    registry.extend(collected)
    assert registry.handlers("New_Chat") == [handler]


def test_nothing_stays_of_what_fails_to_load() -> None:
    registry = Registry()

    def load() -> None:
        registry.on("New_Chat")(lambda event, shell: None)
        raise KeyError("half way")

    try:
        registry.collect(load)
    except KeyError:
        pass
    assert registry.handlers("New_Chat") == []


def test_registering_returns_the_handler() -> None:
    def handler(event: "Event", shell: "Shell") -> None:
        pass

    assert Registry().on("New_Chat")(handler) is handler
