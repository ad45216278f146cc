from socialdesk.core.ids import new_id


def test_ids_are_version_seven_and_sort_by_the_time_they_were_made() -> None:
    made = [new_id() for _ in range(2000)]
    assert {one.version for one in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == len(made)
