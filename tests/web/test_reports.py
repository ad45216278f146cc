import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
import requests
from sqlmodel import select

from socialdesk.audit.entry import Action
from socialdesk.channels.partner.signature import headers_of
from socialdesk.classify.assessment import Urgency
from socialdesk.core.clock import SetClock
from socialdesk.core.errors import RuleError
from socialdesk.queue.acts import close
from socialdesk.queue.claims import claim
from socialdesk.queue.desk import Desk
from socialdesk.queue.erasure import Warrant, erase_conversation
from socialdesk.queue.listing import lines, order
from socialdesk.queue.people import Officer, Role, add_person, sign_in
from socialdesk.queue.replies import begin_draft
from socialdesk.queue.search import Query, parse_query
from socialdesk.queue.thread import open_thread
from socialdesk.queue.views import ThreadView
from socialdesk.store.tables import Contact, Conversation, LogEntry, Message
from tests.desks import PASSPHRASE, START

from .platform import Platform, platform_of, report


def stored(desk: Desk) -> list[Message]:
    with desk.store.reading() as session:
        return list(session.exec(select(Message)).all())


def problem(answer: requests.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return str(answer.json()["type"]).removeprefix("urn:socialdesk:problem:")


def only_thread(desk: Desk, officer: Officer) -> ThreadView:
    (conversation,) = order(desk, officer, Query())
    return open_thread(desk, officer, conversation)


FULL = report(
    "He is outside again",
    person={"id": "r-1", "name": "Jo Doe", "email": "jo@example.org", "prefers": "by e-mail"},
    form={
        "name": "Report someone",
        "answers": [
            {"question": "Does anyone have a knife?", "answer": "no"},
            {"question": "What did he say?", "answer": "that he'd be back"},
        ],
    },
    location="High Street",
    link="https://portal.example/8841",
    thread="case-8841",
)


def test_a_signed_report_is_accepted_and_stands_in_the_queue(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    answer = platform.send(report("he has a knife"))
    assert answer.status_code == 202
    shown = lines(desk, officer, order(desk, officer, Query()))
    (line,) = shown.values()
    assert line.urgency is Urgency.IMMEDIATE
    assert (line.channel, line.stream) == ("partner", "reports")
    assert line.gist.startswith("he has a knife")
    assert answer.json()["received_at"] == "2026-11-23T09:00:00.000000Z"


def test_its_form_person_place_and_jurisdiction_are_shown_in_the_thread(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    answer = platform.send(FULL).json()
    (said,) = only_thread(desk, officer).said
    assert said.text.splitlines()[0] == "He is outside again"
    for shown in (
        "• What did he say? that he'd be back",
        "Where: High Street",
        "E-mail: jo@example.org",
        "Wishes to be reached: by e-mail",
        "At the partner: https://portal.example/8841",
        f"Reported through Safer Streets, for northshire, reference {answer['reference']}",
    ):
        assert shown in said.text


def test_the_model_reads_the_answers_and_not_the_forms_questions(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    platform.send(FULL)
    assert only_thread(desk, officer).line.urgency is Urgency.NONE


def test_danger_in_an_answer_is_seen_and_its_reason_points_at_it(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    form = {"name": "F", "answers": [{"question": "A knife?", "answer": "yes, a big KNIFE"}]}
    platform.send(report("help", form=form))
    view = only_thread(desk, officer)
    assert view.line.urgency is Urgency.IMMEDIATE
    assert [text for text, _weight in view.said[0].reasons] == ["KNIFE"]


def test_a_report_can_be_found_by_the_reference_that_people_have(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    reference = platform.send().json()["reference"]
    platform.send()
    assert len(order(desk, officer, parse_query(reference))) == 1


def test_a_report_for_another_force_is_accepted_and_marked_for_hand_off(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    answer = platform.send(report(jurisdiction="eastshire"))
    platform.send(report())
    assert answer.status_code == 202
    assert answer.json()["for_another_force"] is True
    marked = order(desk, officer, parse_query("is:elsewhere"))
    (line,) = lines(desk, officer, marked).values()
    assert line.hand_off == "eastshire"
    assert len(order(desk, officer, Query())) == 2


def test_what_is_taken_in_is_sealed_and_audited(desk: Desk, platform: Platform) -> None:
    body = json.dumps(FULL).encode()
    platform.send(body)
    (message,) = stored(desk)
    assert message.raw_sha256 == sha256(body).digest()
    database = b"".join(path.read_bytes() for path in desk.home.root.glob("socialdesk.db*"))
    assert b"jo@example" not in database
    with desk.store.reading() as session:
        bodies = [json.loads(row.body)["core"] for row in session.exec(select(LogEntry))]
    (entry,) = [one for one in bodies if one["subject"] == f"message:{message.id}"]
    assert entry["action"] == Action.COLLECTION
    assert entry["details"]["jurisdiction"] == "northshire"
    assert entry["actor"]["id"] == "service:partners"


def test_nobody_can_be_answered_on_it_and_the_officer_is_told_what_else_to_do(
    desk: Desk, platform: Platform, officer: Officer
) -> None:
    platform.send(FULL)
    (conversation,) = order(desk, officer, Query())
    claim(desk, officer, conversation)
    with pytest.raises(RuleError, match="only read") as refused:
        begin_draft(desk, officer, conversation)
    assert "telephone, e-mail" in refused.value.todo


def test_a_case_is_one_conversation_and_a_person_one_contact(
    desk: Desk, platform: Platform
) -> None:
    platform.send(FULL)
    platform.send(FULL | {"text": "He is back"})
    platform.send(FULL | {"thread": "case-9"})
    platform.send(report("anonymous"))
    platform.send(report("anonymous", thread="case-8841"))
    with desk.store.reading() as session:
        assert len(session.exec(select(Conversation)).all()) == 4
        assert len(session.exec(select(Contact)).all()) == 3


def test_one_partners_person_and_key_names_are_not_anothers(desk: Desk, platform: Platform) -> None:
    other = platform_of(desk, platform.base_url, "school-gate")
    first = platform.send(FULL, idempotency_key="the-same-key")
    second = other.send(FULL | {"text": "Another"}, idempotency_key="the-same-key")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] != second.json()["id"]
    with desk.store.reading() as session:
        assert len(session.exec(select(Contact)).all()) == 2


def test_the_same_key_and_body_get_the_same_answer_and_one_report(
    desk: Desk, platform: Platform, clock: SetClock
) -> None:
    first = platform.send(FULL, idempotency_key="order-8841")
    clock.advance(60)
    again = platform.send(FULL, idempotency_key="order-8841")
    assert again.status_code == first.status_code == 202
    assert again.json() == first.json()
    assert len(stored(desk)) == 1


def test_the_same_key_with_another_body_is_refused_and_the_first_stands(
    desk: Desk, platform: Platform
) -> None:
    platform.send(FULL, idempotency_key="order-8841")
    spaced = json.dumps(FULL, indent=1).encode()
    answer = platform.send(spaced, idempotency_key="order-8841")
    assert (answer.status_code, problem(answer)) == (409, "idempotency-key-reused")
    assert len(stored(desk)) == 1


def test_a_request_played_again_is_refused(desk: Desk, platform: Platform) -> None:
    body = json.dumps(report()).encode()
    headers = headers_of(platform.asked(), body, platform.secret)
    assert platform.post(body, headers).status_code == 202
    again = platform.post(body, headers)
    assert (again.status_code, problem(again)) == (401, "replayed")
    assert len(stored(desk)) == 1


def test_a_request_is_refused_for_as_long_as_its_time_would_be_good(
    platform: Platform, clock: SetClock
) -> None:
    body = json.dumps(report()).encode()
    ahead = int(START.timestamp()) + 300
    headers = headers_of(platform.asked(timestamp=ahead), body, platform.secret)
    assert platform.post(body, headers).status_code == 202
    clock.advance(599)
    platform.send(timestamp=int(clock.now().timestamp()))
    assert problem(platform.post(body, headers)) == "replayed"
    clock.advance(2)
    assert problem(platform.post(body, headers)) == "outside-clock-window"


@pytest.mark.parametrize(("seconds", "status"), [(-301, 401), (-300, 202), (300, 202), (301, 401)])
def test_a_request_outside_the_clock_window_is_refused_with_the_desks_time(
    platform: Platform, seconds: int, status: int
) -> None:
    answer = platform.send(timestamp=int(START.timestamp()) + seconds)
    assert answer.status_code == status
    if status == 401:
        assert problem(answer) == "outside-clock-window"
        assert str(int(START.timestamp())) in answer.json()["detail"]


@pytest.mark.parametrize(
    "forged",
    [
        {"method": "PUT"},
        {"path": "/v1/other"},
        {"timestamp": int(START.timestamp()) - 1},
        {"nonce": "another-nonce-altogether"},
        {"idempotency_key": "another-key"},
        {"key": "no-such-key"},
        {"partner": "school-gate"},
        {"partner": "nobody-at-all"},
    ],
)
def test_nothing_that_is_signed_can_be_changed(
    desk: Desk, platform: Platform, forged: dict[str, Any]
) -> None:
    body = json.dumps(report()).encode()
    asked = platform.asked()
    signed = headers_of(asked, body, platform.secret)
    changed = headers_of(platform.asked(**forged), body, platform.secret)
    headers = changed | {"socialdesk-signature": signed["socialdesk-signature"]}
    answer = platform.post(body, headers)
    assert (answer.status_code, problem(answer)) == (401, "not-authenticated")
    assert platform.post(body + b" ", signed).status_code == 401
    assert stored(desk) == []


def test_a_stranger_learns_nothing_of_partners_and_keys(desk: Desk, platform: Platform) -> None:
    platform_of(desk, platform.base_url, "school-gate")
    answers = [platform.as_partner(name).send().json() for name in ("school-gate", "nobody-at-all")]
    assert answers[0] == answers[1]


def test_a_partner_without_keys_is_a_stranger(desk: Desk, platform: Platform) -> None:
    del desk
    assert problem(platform.as_partner("school-gate").send()) == "not-authenticated"


def test_a_header_that_is_missing_twice_there_or_malformed_is_named(platform: Platform) -> None:
    body = json.dumps(report()).encode()
    headers = headers_of(platform.asked(), body, platform.secret)
    for name in headers:
        without = {key: value for key, value in headers.items() if key != name}
        answer = platform.post(body, without)
        if name == "socialdesk-signature":
            assert problem(answer) == "not-authenticated"
        else:
            assert problem(answer) == "malformed-request"
            assert name in answer.json()["detail"]
        assert platform.post(body, headers | {name: "é!"}).status_code in {400, 401}


def test_too_many_reports_a_minute_wait_as_long_as_they_are_told(
    desk: Desk, platform: Platform, clock: SetClock
) -> None:
    slow = desk.force.partners[0].model_copy(update={"per_minute": 2})
    object.__setattr__(desk.force, "partners", (slow, desk.force.partners[1]))
    assert [platform.send().status_code for _ in range(2)] == [202, 202]
    refused = platform.send()
    assert (refused.status_code, problem(refused)) == (429, "rate-limited")
    assert refused.headers["retry-after"] == "30"
    clock.advance(30)
    assert platform.send(timestamp=int(clock.now().timestamp())).status_code == 202
    assert len(stored(desk)) == 3


def test_a_stranger_cannot_use_up_a_partners_allowance(desk: Desk, platform: Platform) -> None:
    slow = desk.force.partners[0].model_copy(update={"per_minute": 1})
    object.__setattr__(desk.force, "partners", (slow,))
    body = json.dumps(report()).encode()
    wrong = headers_of(platform.asked(), body, "x" * 43)
    assert [platform.post(body, wrong).status_code for _ in range(5)] == [401] * 5
    assert platform.send().status_code == 202


def test_a_report_is_taken_for_sent_when_it_arrived_where_it_says_the_future(
    desk: Desk, platform: Platform
) -> None:
    platform.send(report(submitted_at="2031-01-01T00:00:00+01:00"))
    platform.send(report(submitted_at="2026-11-23T09:59:30+01:00"))
    first, second = sorted(message.sent_at for message in stored(desk))
    assert first == START - timedelta(seconds=30)
    assert second == START


def test_an_erased_report_is_not_taken_in_again(desk: Desk, platform: Platform) -> None:
    add_person(desk, "sam", "Sam Field", Role.SUPERVISOR, PASSPHRASE)
    chief = sign_in(desk, "sam", PASSPHRASE)
    platform.send(FULL, idempotency_key="order-8841")
    (conversation,) = order(desk, chief, Query())
    claim(desk, chief, conversation)
    close(desk, chief, conversation, "no_action")
    erase_conversation(desk, chief, conversation, Warrant("DPO/1", "data_subject_request"))
    again = platform.send(FULL, idempotency_key="order-8841")
    assert (again.status_code, problem(again)) == (410, "erased")
    assert len(stored(desk)) == 1
