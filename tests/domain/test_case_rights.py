"""What may be written to a case, by whom, depends on how far it has come."""

from __future__ import annotations

import pytest

from sync.clock import to_text
from sync.ids import derived
from tests.domain.world import World

PHOTO = {"stage": "before", "type": "image/jpeg", "bytes": 1000, "width": 40, "height": 30}


def refused(receipt: dict) -> str:  # type: ignore[type-arg]
    assert receipt["outcome"] in {"refused", "held"}, receipt
    return str(receipt["reason"])


def test_the_category_is_anybodys_before_acceptance_and_a_suggestion_after(world: World) -> None:
    case = world.report()
    worker2 = world.person("worker2")
    assert world.write(worker2, case, {"category": "road"})["outcome"] == "applied"
    world.bring(case, "accepted")
    assert refused(world.write(worker2, case, {"category": "drainage"})) == "suggestion"
    assert world.fields(case)["category"] == "road"
    assert world.write(world.person("head"), case, {"category": "drainage"})["outcome"] == "applied"


def test_a_category_chosen_before_the_acceptance_was_seen_still_counts(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    world.bring(case, "accepted")
    receipt = world.write(world.person("worker2"), case, {"category": "road"}, seen=seen)
    assert receipt["outcome"] == "applied"


def test_two_people_describing_one_case_are_both_kept(world: World) -> None:
    case = world.report()
    world.write(world.person("worker2"), case, {"description": {"text": "还有一个柜子"}})
    assert [each["text"] for each in world.fields(case)["description"]] == ["楼道里堆着旧沙发", "还有一个柜子"]


def test_only_the_finder_and_the_desk_rewrite_the_description(world: World) -> None:
    case = world.report()
    first = world.fields(case)["description"][0]["change"]
    rewrite = {"description": {"text": "改过", "replaces": [first]}}
    assert refused(world.write(world.person("worker2"), case, rewrite)) == "not_allowed"
    assert world.write(world.person("worker", phone=2), case, rewrite)["outcome"] == "applied"
    assert [each["text"] for each in world.fields(case)["description"]] == ["改过"]


def test_after_acceptance_the_description_stands_and_additions_are_taken(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted")
    worker = world.person("worker")
    assert refused(world.write(worker, case, {"description": {"text": "又多了"}})) == "not_allowed"
    assert world.write(worker, case, {"additions": {world.ids.new(): {"text": "又多了"}}})["outcome"] == "applied"


@pytest.mark.parametrize(
    ("who", "stage", "may"),
    [
        ("worker", "before", True),
        ("supervisor", "before", True),
        ("worker2", "before", False),
        ("handler", "before", False),
        ("handler", "after", True),
        ("worker", "after", False),
    ],
)
def test_a_photo_is_removed_by_whose_it_is_or_by_the_supervisor(world: World, who: str, stage: str, may: bool) -> None:
    case = world.report(photos={"a" * 64: {**PHOTO, "stage": stage}})
    world.bring(case, "accepted", "assigned")
    receipt = world.write(world.person(who), case, {"photos": {"a" * 64: None}})
    if may:
        assert receipt["outcome"] == "applied"
        assert "photos" not in world.fields(case)
    else:
        assert refused(receipt) == "not_allowed"


def test_only_dispatchers_send_others_to_work(world: World) -> None:
    case = world.report()
    other = {"assignees": {world.account("worker2"): {"as": "helper"}}}
    assert refused(world.write(world.person("worker"), case, other)) == "not_allowed"
    world.bring(case, "accepted", "assigned")
    assert refused(world.write(world.person("handler"), case, other)) == "not_allowed"
    assert world.write(world.person("head"), case, other)["outcome"] == "applied"


def test_an_assignee_may_step_back_in_their_own_name(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted", "assigned")
    own = {"assignees": {world.account("handler"): None}}
    assert world.write(world.person("handler"), case, own)["outcome"] == "applied"
    assert not world.sees("handler", case)


def test_nobody_verifies_or_rates_or_claims_in_anothers_name(world: World) -> None:
    case = world.report()
    world.bring(case, "accepted", "assigned", "working", "resolved")
    said = {"ok": True, "at": to_text(world.clock.now())}
    for written in ({"verify": {world.account("head"): said}}, {"satisfaction": {world.account("head"): "good"}}):
        assert refused(world.write(world.person("worker"), case, written)) == "not_allowed"
    assert refused(world.write(world.person("handler"), case, {"handler": world.account("head")})) == "not_allowed"
    assert (
        world.write(world.person("worker"), case, {"verify": {world.account("worker"): said}})["outcome"] == "applied"
    )


def test_only_publishers_put_a_case_on_the_wall(world: World) -> None:
    case = world.report()
    for who in ("worker", "head"):
        assert refused(world.write(world.person(who), case, {"visibility": "public_wall"})) == "not_allowed"
    assert refused(world.write(world.person("head"), case, {"public_summary": "清了"})) == "suggestion"
    assert world.write(world.person("supervisor"), case, {"visibility": "public_wall"})["outcome"] == "applied"


def test_a_dispute_is_restricted_from_its_first_moment(world: World) -> None:
    case = world.report(category="dispute")
    assert world.fields(case)["visibility"] == "restricted"
    seeing = {who for who in ("worker", "worker2", "head", "supervisor", "command", "captain") if world.sees(who, case)}
    assert seeing == {"worker", "supervisor", "command"}


def test_restricted_wins_over_public(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    world.write(world.person("worker"), case, {"visibility": "restricted"}, seen=seen)
    world.write(world.person("supervisor"), case, {"visibility": "public_wall"}, seen=seen)
    assert world.fields(case)["visibility"] == "restricted"


def test_the_number_is_written_by_no_phone(world: World) -> None:
    case = world.report()
    assert refused(world.write(world.person("supervisor"), case, {"no": "LW1-0613-999"})) == "server_field"


def test_where_and_whence_it_came_is_set_once(world: World) -> None:
    case = world.report()
    assert refused(world.write(world.person("worker"), case, {"source": "phone"})) == "fixed"


def test_two_people_who_name_two_places_wait_for_the_grid_head(world: World) -> None:
    case = world.report()
    seen = world.seq(case)
    first, second = world.doors["1-1"]
    world.write(world.person("worker"), case, {"place_id": first}, seen=seen)
    receipt = world.write(world.person("worker2"), case, {"place_id": second}, seen=seen)
    assert receipt["outcome"] == "conflict"
    world.write(world.person("worker2"), case, {"place_id": second})
    assert "place_id" in world.conflicts(case), "one more candidate is no decision"
    world.write(world.person("head"), case, {"place_id": second})
    assert world.conflicts(case) == {}
    assert world.fields(case)["place_id"] == second


def test_a_closed_case_that_the_server_sealed_stays_closed(world: World) -> None:
    from domain import jobs

    case = world.report()
    world.bring(case, "accepted", "assigned", "working", "resolved", "closed")
    world.clock.move(jobs.REOPENING - 60_000)
    assert jobs.seal_closed(world.engine) == 0
    world.clock.move(120_000)
    assert jobs.seal_closed(world.engine) == 1
    assert jobs.seal_closed(world.engine) == 0
    assert refused(world.write(world.person("worker"), case, world.step(case, "working", again=True))) == "not_allowed"


def test_seven_days_of_silence_close_a_resolved_case_and_say_so(world: World) -> None:
    from domain import jobs

    silent, spoken, open_case = world.report(), world.report(), world.report()
    for case in (silent, spoken):
        world.bring(case, "accepted", "assigned", "working", "resolved")
    world.clock.move(jobs.SILENCE - 60_000)
    world.write(world.person("worker"), spoken, {"additions": {derived("a"): {"text": "我去看看"}}})
    world.clock.move(120_000)
    assert jobs.run_daily(world.engine) == {"closed": 1, "sealed": 0, "erased": 0, "emptied": 0}
    assert world.status(silent) == ("closed", 1)
    assert world.fields(silent)["auto_closed"] is True
    assert world.status(spoken)[0] == "resolved"
    assert world.status(open_case)[0] == "reported"


def test_hiding_is_for_the_finder_the_head_and_the_supervisor(world: World) -> None:
    case = world.report()
    assert refused(world.write(world.person("worker2"), case, {}, void=True)) == "not_allowed"
    assert world.write(world.person("worker"), case, {}, void=True)["outcome"] == "applied"
    assert world.row(case).hidden
