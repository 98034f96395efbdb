"""The routes below `/consumer/`: consumers start a chat, and find it again after a reload."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, make_response, redirect, render_template, request
from flask import session as cookie
from flask.typing import ResponseReturnValue

from adapter_pages.consumer import budgets, conversation, rating
from adapter_pages.consumer import form as consumer_form
from adapter_pages.consumer.form import Form
from adapter_pages.shared import files, fragments, messages
from adapter_pages.shared.page_end import page_end
from host import hosts
from host.errors import FieldsError, NotAllowedError, NotSignedInError, TooManyError
from host.queues import opening, tree
from host.sessions import repository
from host.sessions.chats import NewChat
from host.sessions.model import Session
from host.sessions.starting import BY_CONSUMER
from host.users import tickets
from host.users.sign_ins import hash_token
from host.web import inputs
from host.web.current import services
from host.web.security import csrf, custom_data_secret
from host.web.security.csrf import token
from host.web.sign_in import browser_names

COOKIE = "__Host-patchbay-consumer"
BEFORE = "__Host-patchbay-consumer-before"
"""Holds what opened the chat before, so that the next form knows name and contact."""
KEPT_FOR_S = 7 * 24 * 3600
HOME = "/consumer/"

blueprint = Blueprint("consumer", "adapter_pages", url_prefix="/consumer", template_folder="templates")


blueprint.before_request(budgets.check_address)


@blueprint.get("/")
def page() -> ResponseReturnValue:
    """Show this browser's chat, or the form that starts one."""
    session = _session()
    if session is None:
        values = _known_person() | consumer_form.texts(inputs.query())
        return _show_form(
            values, consumer_form.problems_of_data(values, signer=custom_data_secret.signer(), now=_now())
        )
    return _show_chat(session)


def _show_chat(session: Session, rating_problem: str = "") -> str:
    with services().database.read() as connection:
        shown = conversation.load(connection, session, _now())
    config = {"ticketUrl": "/consumer/ticket", "socketUrl": "/consumer/socket", "csrf": token()}
    return render_template(
        "consumer/conversation.html",
        page={"name": _product_name(), "config": config, "rating_problem": rating_problem},
        conversation=shown,
        file_types=fragments.FILE_TYPES,
    )


@blueprint.post("/chats")
def start() -> ResponseReturnValue:
    """Start a chat from the form or from JSON; a cookie gives the browser access to it."""
    given = _given()
    queues = _queues()
    host = services()
    try:
        new = consumer_form.read(given, queues, signer=custom_data_secret.signer(), now=_now())
    except FieldsError as error:
        if request.is_json:
            raise
        return _show_form(consumer_form.texts(given), error.fields), error.http_status
    new = replace(
        new,
        details={**new.details, "browser": browser_names.name_of(request.headers.get("User-Agent", ""))},
        idempotency_key=consumer_form.once(given, cookie.get("csrf_token", "")),
    )
    if not _has_begun(new):
        try:
            budgets.spend_chat(new)
        except (NotAllowedError, TooManyError) as error:
            if request.is_json:
                raise
            return _refuse(consumer_form.texts(given), error)
    session, opens = host.chats.start(new)
    response = (
        make_response(jsonify(chat_id=session.id), 201) if request.is_json else make_response(redirect(HOME, 303))
    )
    _set_cookie(response, opens, KEPT_FOR_S)
    return response


@blueprint.post("/form")
def check() -> ResponseReturnValue:
    """Return form values for data of the embedding page: `{"values": {...}, "problems": {...}}`."""
    given = _given()
    values = consumer_form.texts(given)
    problems = consumer_form.problems_of_data(given, signer=custom_data_secret.signer(), now=_now())
    return jsonify(values=_with_known_queue(values, _queues()), problems=dict(problems))


@blueprint.get("/messages")
def earlier() -> ResponseReturnValue:
    """Return the messages of this browser's chat before a given one: `?before=103646`."""
    session = _session()
    if session is None:
        raise NotSignedInError("There is no chat in this browser; start one first.")
    with services().database.read() as connection:
        caller = repository.end_user(connection, session.end_user_id).label
        return fragments.page(messages.before(connection, session.id, caller, "end_user", message_id=page_end()))


@blueprint.post("/attachments")
def attach() -> ResponseReturnValue:
    """Send a file as the consumer."""
    session = _session()
    if session is None:
        raise NotSignedInError("There is no chat in this browser; start one first.")
    return files.take(
        lambda client_id, stored: services().chats.write(session.id, stored.name, client_id, file=stored),
        session.id,
        of_consumer=True,
    )


csrf.protect.exempt(attach)  # `take` checks the header before the body is read


@blueprint.get("/attachments/<int:attachment_id>")
def attachment(attachment_id: int) -> ResponseReturnValue:
    """Return a file of this browser's chat."""
    session = _session()
    if session is None:
        raise NotSignedInError("There is no chat in this browser; start one first.")
    return files.serve(attachment_id, lambda session_id: session_id == session.id)


@blueprint.post("/ticket")
def ticket() -> ResponseReturnValue:
    """Give the page a ticket for its socket, good once, for 30 s."""
    session = _session()
    if session is None:
        raise NotSignedInError("There is no chat in this browser; start one first.")
    host = services()
    budgets.spend_ticket(session.id)
    with host.database.write() as connection:
        issued = tickets.issue(connection, "consumer", _now(), session_id=session.id)
    return jsonify(ticket=issued)


@blueprint.post("/rating")
def rate() -> ResponseReturnValue:
    """Take what the consumer says about this browser's chat."""
    session = _session()
    if session is None:
        raise NotSignedInError("There is no chat in this browser; start one first.")
    host = services()
    with host.database.read() as connection:
        questions = conversation.survey(connection, session)
    try:
        host.ratings.rate(session.id, rating.read(inputs.form(), questions))
    except FieldsError as error:
        return _show_chat(session, " ".join(error.fields.values())), error.http_status
    return redirect(HOME, 303)


@blueprint.post("/new")
def forget() -> ResponseReturnValue:
    """Forget this browser's chat and show the form for a new one, with the name and contact of before."""
    response = make_response(redirect(HOME, 303))
    _set_cookie(response, "", 0)
    _set_cookie(response, request.cookies.get(COOKIE, ""), KEPT_FOR_S, BEFORE)
    return response


def _session(name: str = COOKIE) -> Session | None:
    opens = request.cookies.get(name)
    if not opens:
        return None
    with services().database.read() as connection:
        return repository.of_consumer(connection, hash_token(opens))


def _known_person() -> dict[str, str]:
    """Return the name and contact with which this browser's chat before was started."""
    before = _session(BEFORE)
    if before is None or before.details.get("person_from") != BY_CONSUMER:
        return {}
    with services().database.read() as connection:
        person = repository.end_user(connection, before.end_user_id)
    known = {"name": person.name, "phone": person.phone, "email": person.email}
    return {name: value for name, value in known.items() if value}


def _given() -> Mapping[str, Any]:
    if not request.is_json:
        return request.form  # checked field by field, so that the form can show what is wrong
    return inputs.json_object('{"name": "James Bond", "queue": "Support / Web"}')


def _queues() -> list[str]:
    with services().database.read() as connection:
        return [tree.path_text(queue) for queue in tree.leaves(connection)]


def _closed_queues() -> frozenset[str]:
    zone = ZoneInfo(services().settings.current().time_zone)
    with services().database.read() as connection:
        leaves = tree.leaves(connection)
    return frozenset(
        tree.path_text(queue) for queue in leaves if not opening.is_open(queue.settings.business_hours, zone, _now())
    )


def _show_form(values: Mapping[str, str], problems: Mapping[str, str] | None = None, *, notice: str = "") -> str:
    queues = _queues()
    shown = _with_known_queue(values, queues)
    form = Form(queues=queues, closed=_closed_queues(), values=shown, problems=problems or {}, notice=notice)
    page = {"name": _product_name(), "config": _form_config(is_new=not (problems or notice))}
    return render_template("consumer/start.html", page=page, form=form)


def _form_config(*, is_new: bool) -> dict[str, Any]:
    """Return the configuration for the form's script; a form with problems isn't filled in again."""
    host = services()
    allowed = (host.config.public_url, *host.settings.current().embedding.consumer_origins)
    origins = list(dict.fromkeys([hosts.origin_of(request.host_url), *allowed]))
    return {"formUrl": "/consumer/form", "csrf": token(), "allowedOrigins": origins if is_new else []}


def _refuse(values: Mapping[str, str], error: NotAllowedError | TooManyError) -> ResponseReturnValue:
    """Show the form as it was filled in, and why no chat was started."""
    answer = make_response(_show_form(values, notice=str(error)), error.http_status)
    if isinstance(error, TooManyError) and error.retry_after_s is not None:
        answer.headers["Retry-After"] = str(error.retry_after_s)
    return answer


def _has_begun(new: NewChat) -> bool:
    """Tell whether the form has been sent before, and so stands for an existing chat."""
    if new.idempotency_key is None:
        return False
    with services().database.read() as connection:
        return repository.by_idempotency_key(connection, new.idempotency_key) is not None


def _with_known_queue(values: Mapping[str, str], queues: Sequence[str]) -> Mapping[str, str]:
    """Replace the queue's path by its exact spelling; case and blanks around slashes don't matter."""
    plain = {_plain(path): path for path in queues}
    return {**values, "queue": plain.get(_plain(values.get("queue", "")), "")}


def _plain(path: str) -> str:
    return "/".join(name.strip().lower() for name in path.split("/"))


def _now() -> datetime:
    return services().clock.now()


def _product_name() -> str:
    return services().settings.current().product_name


def _set_cookie(response: Response, value: str, max_age_s: int, name: str = COOKIE) -> None:
    response.set_cookie(
        name, value, max_age=max_age_s, secure=True, httponly=True, samesite="None", path="/", partitioned=True
    )
