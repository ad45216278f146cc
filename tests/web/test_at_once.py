"""Many at once, on both databases: one report a key, one use a nonce, and the answer the same."""

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests
from sqlmodel import select

from socialdesk.channels.partner.signature import headers_of
from socialdesk.core.errors import StoreError
from socialdesk.queue.desk import Desk
from socialdesk.store.tables import Conversation, Message, PartnerNonce
from socialdesk.web import reports

from .conftest import served
from .platform import Platform, platform_of, report

CALLERS = 12


def at_once(callers: int, call: Callable[[int], requests.Response]) -> list[requests.Response]:
    """Call from many threads at the same moment; return the answers."""
    start, answers = threading.Barrier(callers), []

    def one(number: int) -> None:
        start.wait()
        answers.append(call(number))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == callers
    return answers


def rows(desk: Desk, table: Any) -> list[Any]:
    with desk.store.reading() as session:
        return list(session.exec(select(table)).all())


def test_duplicates_sent_at_once_are_one_report_with_one_answer(either: Desk) -> None:
    with served(either) as address:
        platform = platform_of(either, address)
        answers = at_once(
            CALLERS, lambda _: platform.send(report(), idempotency_key="the-same-key")
        )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.text for answer in answers}) == 1
    assert len(rows(either, Message)) == 1
    assert len(rows(either, Conversation)) == 1


def test_different_bodies_under_one_key_at_once_leave_one_that_stands(either: Desk) -> None:
    with served(either) as address:
        platform = platform_of(either, address)
        answers = at_once(
            CALLERS, lambda n: platform.send(report(f"number {n}"), idempotency_key="the-same-key")
        )
    assert sorted(answer.status_code for answer in answers) == [202] + [409] * (CALLERS - 1)
    assert len(rows(either, Message)) == 1


def test_one_request_played_many_times_at_once_is_taken_once(either: Desk) -> None:
    body = json.dumps(report()).encode()
    with served(either) as address:
        platform = platform_of(either, address)
        headers = headers_of(platform.asked(), body, platform.secret)
        answers = at_once(CALLERS, lambda _: platform.post(body, headers))
    assert sorted(answer.status_code for answer in answers) == [202] + [401] * (CALLERS - 1)
    assert len(rows(either, PartnerNonce)) == 1


def test_different_reports_at_once_are_all_stored(either: Desk) -> None:
    person = {"id": "r-1"}
    with served(either) as address:
        platform = platform_of(either, address)
        answers = at_once(
            CALLERS, lambda n: platform.send(report(f"number {n}", person=person, thread="case"))
        )
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["reference"] for answer in answers}) == CALLERS
    assert len(rows(either, Message)) == CALLERS
    (conversation,) = rows(either, Conversation)
    assert conversation.version == CALLERS


def test_a_database_that_refuses_makes_no_202_and_the_report_can_be_sent_again(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise StoreError("The database is away.")

    with monkeypatch.context() as broken:
        broken.setattr(reports, "take_report", refuse)
        answer = platform.send(idempotency_key="the-same-key")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert rows(desk, Message) == []
    assert platform.send(idempotency_key="the-same-key").status_code == 202


def test_a_fault_of_ours_is_a_problem_that_says_nothing_of_its_inside(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("the inside")

    monkeypatch.setattr(reports, "take_report", fail)
    answer = platform.send()
    assert answer.status_code == 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "inside" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_health_says_when_the_database_does_not_answer(
    desk: Desk, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise StoreError("The database is away.")

    assert requests.get(f"{platform.base_url}/v1/health", timeout=5).json() == {"status": "ok"}
    monkeypatch.setattr(type(desk.store), "ping", refuse)
    answer = requests.get(f"{platform.base_url}/v1/health", timeout=5)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
