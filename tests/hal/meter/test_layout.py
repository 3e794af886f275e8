"""Requests for registers: everything is covered, limits are kept, nothing is asked for without need, refusals are learnt from."""

from hypothesis import given, settings
from hypothesis import strategies as st

from hal.meter.layout import Block, Layout, Span


@st.composite
def spans(draw: st.DrawFn) -> list[Span]:
    """Numbers of one, two or four registers, with gaps between them, some in the other table."""
    found: list[Span] = []
    for code in (3, 4):
        address = draw(st.integers(0, 60000))
        for gap, count in draw(
            st.lists(st.tuples(st.sampled_from([0, 0, 0, 1, 2, 7, 30]), st.sampled_from([1, 2, 4])), max_size=40)
        ):
            found.append(Span(code, address + gap, count))
            address += gap + count
    return found


LIMITS = st.integers(4, 125)
GAPS = st.integers(0, 20)


def covered(blocks: tuple[Block, ...]) -> set[tuple[int, int]]:
    return {(block.function_code, address) for block in blocks for address in range(block.address, block.end)}


@settings(deadline=None)
@given(spans(), LIMITS, GAPS)
def test_every_register_is_asked_for_in_one_request(wanted: list[Span], limit: int, gap: int) -> None:
    blocks = Layout(maximum_registers=limit, gap_registers=gap).blocks(wanted)
    for span in wanted:
        assert any(
            block.function_code == span.function_code and block.address <= span.address and span.end <= block.end
            for block in blocks
        )


@settings(deadline=None)
@given(spans(), LIMITS, GAPS)
def test_limits_are_kept(wanted: list[Span], limit: int, gap: int) -> None:
    used = {(span.function_code, address) for span in wanted for address in range(span.address, span.end)}
    for block in Layout(maximum_registers=limit, gap_registers=gap).blocks(wanted):
        assert 1 <= block.count <= limit
        assert 0 <= block.address < block.end <= 0x10000
        unused = [(block.function_code, address) not in used for address in range(block.address, block.end)]
        longest = max(len(run) for run in "".join("x" if one else " " for one in unused).split(" "))
        assert longest <= gap


@settings(deadline=None)
@given(spans(), LIMITS, GAPS)
def test_there_are_as_few_requests_as_can_be(wanted: list[Span], limit: int, gap: int) -> None:
    """Greedy covering from the left is optimal for numbers that do not overlap."""
    fewest = 0
    end_of_block = begin = -1
    code = 0
    last_end = 0
    for span in sorted(wanted):
        if not (
            span.function_code == code
            and span.address - last_end <= gap
            and span.end - begin <= limit
            and end_of_block >= 0
        ):
            fewest += 1
            code, begin, end_of_block = span.function_code, span.address, span.end
        last_end = span.end
    assert len(Layout(maximum_registers=limit, gap_registers=gap).blocks(wanted)) == fewest


def test_each_request_has_a_count_of_its_own_where_that_costs_nothing() -> None:
    layout = Layout(maximum_registers=10, gap_registers=3)
    wanted = [Span(4, 0, 2), Span(4, 100, 2), Span(4, 200, 2), *(Span(4, 300 + 2 * index, 2) for index in range(8))]
    blocks = layout.blocks(wanted)
    assert [block.count for block in blocks] == [2, 3, 4, 10, 6]


def test_numbers_of_one_limit_share_the_rest_differently() -> None:
    wanted = [Span(4, 2 * index, 2) for index in range(9)]
    blocks = Layout(maximum_registers=10, gap_registers=0).blocks(wanted)
    assert [block.count for block in blocks] == [10, 8]
    wanted.append(
        Span(4, 18, 2)
    )  # 20 registers, of which 10 + 10 would be two of one count, and 10 + 8 + 2 one more request
    assert len(Layout(maximum_registers=10, gap_registers=0).blocks(wanted)) == 2


@settings(deadline=None)
@given(spans().filter(bool), LIMITS, GAPS, st.data())
def test_learns_what_a_meter_has(wanted: list[Span], limit: int, gap: int, data: st.DataObject) -> None:
    """Whatever a meter refuses, in the end every number that it has is asked for, and no other."""
    lacking = data.draw(st.sets(st.sampled_from(wanted)))
    most = data.draw(st.integers(4, limit))
    bridges = data.draw(st.booleans())
    exists = {
        (span.function_code, address) for span in set(wanted) - lacking for address in range(span.address, span.end)
    }
    absent = {(span.function_code, address) for span in lacking for address in range(span.address, span.end)}
    layout = Layout(maximum_registers=limit, gap_registers=gap)
    for _ in range(4 * len(wanted) + 4):
        blocks = layout.blocks(wanted)
        refused = [
            block
            for block in blocks
            if block.count > most
            or any((one in absent) or (one not in exists and not bridges) for one in covered((block,)))
        ]
        if not refused:
            break
        layout.learn_refusal(refused[0], wanted)
    else:
        raise AssertionError("never comes to an end")
    assert layout.refused == lacking
    assert exists <= covered(blocks)
