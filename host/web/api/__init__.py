"""The platform API: telephony and messaging gateways create sessions with it, and other systems read them.

It has one module for each part, credentials, checks of requests, the shape of responses. Changes of sessions belong
to `host.sessions`. Read `operations.py` first.

An operation is a function with a decorator, in the module of its part. With that it answers under each prefix and in
a batch, and stands in `/openapi.json`, which the fuzz tests read (`tests/host/web/openapi/test_fuzz.py`):

    class RatingBody(Section):                                       # models.py: unknown fields are refused
        rating: Annotated[StrictInt, Field(ge=1, le=5)]

    @part.post("/chats/{session_id}/rating", RatingBody, Chat)       # path, what it takes, what it answers
    def rate(asked: Asked[RatingBody]) -> Answer:
        "Rate a chat."                                               # its summary in the document
        rating = asked.body.rating                                   # checks the body: 422 with the wrong fields
        responses.check(asked.session_id, "chat")                    # 404
        services().ratings.rate(asked.session_id, rating)            # TransitionError: 409
        return Answer(responses.session(asked.session_id, "chat"))

`Nothing` stands for no body and no query; `creates=True` for an operation that answers 201 and takes an idempotency
key. A new part is added to `PARTS` in `register.py`. The function reads nothing from Flask's request, because in a
batch there is no request of its own; what it needs is in `Asked`. Beyond that, an operation needs its row in
docs/reference/platform-api.md.

Source: docs/reference/platform-api.md, Platform API.
"""
