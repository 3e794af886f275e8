"""How a simulated EVSE is built: what its board can do and how fast it is."""

from functools import lru_cache

import msgspec

from hal.contract import BoardCapabilities

__all__ = ["BoardOptions", "capabilities_of"]


class BoardOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Options of the simulated board.

    maximum_ampere, minimum_ampere, phases: of the power path. direct_current: a DC EVSE (amperes and volts are those of the output).
    ventilation: cars in state D may charge. feedback: has a mirror contact; without one it reports the command. switches_phases: 1 ↔ 3
    phases while plugged in, with phase_switch_second without offer in between. watchdog: opens watchdog_second after contact with the
    agent is lost.
    connector_cable_ampere: one entry per connector, the rating of its tethered cable, or null for a socket.
    close_delay_second, open_delay_second: of the contactor; feedback_timeout_second: when the board gives up waiting for it.
    offer_delay_second: from `permit()` to the pilot. history_length: entries kept per EVSE, 0 = none.
    """

    maximum_ampere: float = 32.0
    minimum_ampere: float = 6.0
    phases: int = 3
    direct_current: bool = False
    ventilation: bool = False
    feedback: bool = True
    switches_phases: bool = True
    phase_switch_second: float = 0.0
    watchdog: bool = True
    watchdog_second: float = 0.0
    connector_cable_ampere: tuple[float | None, ...] = (None,)
    close_delay_second: float = 0.0
    open_delay_second: float = 0.0
    feedback_timeout_second: float = 0.25
    offer_delay_second: float = 0.0
    history_length: int = 256

    def __post_init__(self) -> None:
        if not 0 < self.minimum_ampere <= self.maximum_ampere or not 1 <= self.phases <= 3:
            raise ValueError(
                "An EVSE offers more than 0 A, its maximum is not below its minimum, and it has 1 to 3 phases."
            )
        if not self.connector_cable_ampere or any(
            cable is not None and cable <= 0 for cable in self.connector_cable_ampere
        ):
            raise ValueError("An EVSE has at least one connector: null for a socket, or the cable's ampere.")
        delays = (
            self.phase_switch_second,
            self.watchdog_second,
            self.close_delay_second,
            self.open_delay_second,
            self.offer_delay_second,
        )
        if min(delays) < 0 or self.feedback_timeout_second < 0 or self.history_length < 0:
            raise ValueError("Delays and lengths are not negative.")


@lru_cache(maxsize=64)
def capabilities_of(options: BoardOptions) -> BoardCapabilities:
    """The capabilities that `options` describe; one object for all boards that are built alike."""
    return BoardCapabilities(
        maximum_ampere=options.maximum_ampere,
        minimum_ampere=options.minimum_ampere,
        phases=options.phases,
        feedback=options.feedback,
        watchdog=options.watchdog,
        switches_phases=options.switches_phases,
    )
