"""Which registers to ask for together: as few requests as the meter allows, each with a count of its own.

A count of its own lets the answer of one request never pass for that of another (hal/modbus/connection.py compares the counts).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

__all__ = ["Block", "Layout", "Span"]


@dataclass(frozen=True, order=True, slots=True)
class Span:
    """Registers that belong together: one number."""

    function_code: int
    address: int
    count: int

    @property
    def end(self) -> int:
        """The address behind the last register."""
        return self.address + self.count


@dataclass(frozen=True, slots=True)
class Block:
    """One request."""

    function_code: int
    address: int
    count: int

    @property
    def end(self) -> int:
        """The address behind the last register."""
        return self.address + self.count


class Layout:
    """Plans requests for one meter, and learns from what it refuses. Spans may be equal, but do not overlap.

    maximum_registers: most that one request may ask for. gap_registers: how many unused registers a request may ask for between two used
    ones, or behind the last. `refused`: spans that the meter does not have.
    """

    def __init__(self, *, maximum_registers: int, gap_registers: int) -> None:
        self.refused: set[Span] = set()
        self._maximum = maximum_registers
        self._gap = gap_registers
        self._holes: set[tuple[int, int]] = set()
        self._cuts: set[tuple[int, int]] = set()

    def blocks(self, spans: Iterable[Span]) -> tuple[Block, ...]:
        """Requests that cover every span that has not been refused."""
        ordered = sorted(set(spans) - self.refused)
        fewest = self._cover(ordered)
        distinct = self._cover(ordered, distinct=True)
        return distinct if len(distinct) <= len(fewest) else fewest

    def learn_refusal(self, block: Block, spans: Iterable[Span]) -> None:
        """The meter refused `block`, which was asked for the sake of `spans`: ask in smaller pieces from now on.

        First no unused registers any more, then halves, at last the single span counts as refused.
        """
        inside = sorted(
            {
                span
                for span in spans
                if span.function_code == block.function_code and block.address <= span.address < block.end
            }
            - self.refused
        )
        used = {address for span in inside for address in range(span.address, span.end)}
        holes = {(block.function_code, address) for address in range(block.address, block.end) if address not in used}
        if holes - self._holes:
            self._holes |= holes
        elif len(inside) > 1:
            self._cuts.add((block.function_code, inside[len(inside) // 2].address))
        else:
            self.refused.update(inside)

    def _cover(self, spans: list[Span], *, distinct: bool = False) -> tuple[Block, ...]:
        blocks: list[Block] = []
        counts: set[tuple[int, int]] = set()
        index = 0
        while index < len(spans):
            last = index
            while last + 1 < len(spans) and self._joins(spans[index], spans[last], spans[last + 1]):
                last += 1
            block = self._block(spans[index], spans[last])
            if distinct:
                last, block = self._with_own_count(spans, index, last, counts)
            counts.add((block.function_code, block.count))
            blocks.append(block)
            index = last + 1
        return tuple(blocks)

    def _with_own_count(
        self, spans: list[Span], first: int, last: int, counts: set[tuple[int, int]]
    ) -> tuple[int, Block]:
        block = self._block(spans[first], spans[last])
        following = spans[last + 1] if last + 1 < len(spans) else None
        beyond = following.address if following and following.function_code == block.function_code else 0x10000
        for candidate in self._longer(block, beyond):
            if (block.function_code, candidate.count) not in counts:
                return last, candidate
        for earlier in range(last - 1, first - 1, -1):  # leave the last spans to the next request
            shorter = self._block(spans[first], spans[earlier])
            if (block.function_code, shorter.count) not in counts:
                return earlier, shorter
        return last, block

    def _longer(self, block: Block, beyond: int) -> Iterable[Block]:
        yield block
        for end in range(block.end + 1, min(block.end + self._gap, block.address + self._maximum, beyond) + 1):
            if (block.function_code, end - 1) in self._holes:
                return
            yield replace(block, count=end - block.address)

    def _joins(self, first: Span, last: Span, following: Span) -> bool:
        code = first.function_code
        return (
            following.function_code == code
            and (code, following.address) not in self._cuts
            and following.address - last.end <= self._gap
            and max(last.end, following.end) - first.address <= self._maximum
            and not any((code, address) in self._holes for address in range(last.end, following.address))
        )

    @staticmethod
    def _block(first: Span, last: Span) -> Block:
        return Block(first.function_code, first.address, last.end - first.address)
