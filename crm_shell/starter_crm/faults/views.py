"""``/faults`` and ``/api/counts``: tests switch faults on and off here, and count requests."""

from flask import Blueprint, Response, jsonify
from sqlalchemy import func, select

from crm_shell.starter_crm import auth
from crm_shell.starter_crm.api.answering import listed
from crm_shell.starter_crm.api.reading import json_object
from crm_shell.starter_crm.context import crm
from crm_shell.starter_crm.faults.rules import Rules, read
from crm_shell.starter_crm.store import tables

COUNTED = (tables.accounts, tables.records, tables.comments, tables.attachments)


def fault_views(rules: Rules) -> Blueprint:
    """Return the views that change and show `rules`."""
    views = Blueprint("faults", __name__)
    views.before_request(auth.refuse_foreign_pages)
    views.before_request(auth.require_key)

    @views.get("/faults")
    def list_rules() -> Response:
        return listed(rules.shown())

    @views.post("/faults")
    def add_rule() -> tuple[Response, int]:
        rule = read(json_object("rule"))
        rules.add(rule)
        return jsonify(rule.shown()), 201

    @views.delete("/faults")
    def clear_rules() -> tuple[str, int]:
        rules.clear()
        return "", 204

    @views.get("/api/counts")
    def count() -> Response:
        with crm().database.read() as connection:
            return jsonify(
                {
                    table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                    for table in COUNTED
                }
            )

    return views
