"""Samples of a running transaction: what is told on the way, and what is kept for its end (J02)."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Service
from chargepoint.station.evse import Evse
from chargepoint.station.metering import MeterValue
from profiles.meter_values import variables
from profiles.transactions.variables import MAX_ENDED_SAMPLES

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation


class SamplingService(Service):
    """Functional block J, within transactions."""

    __slots__ = ()

    station: "ChargingStation"

    def begin(self) -> None:
        """Follow changes of the intervals."""
        for interval in (variables.TX_UPDATED_INTERVAL, variables.TX_ENDED_INTERVAL):
            self.station.variables.watch(interval, lambda _evse_id, _connector_id: self._restart())

    def start(self, evse: Evse) -> None:
        """A transaction runs: the intervals count from now (J02.FR.11)."""
        evse.stop_timer("sample")
        evse.stop_timer("ended")
        self._sample_later(evse)
        self._keep_later(evse)

    def _restart(self) -> None:
        for evse in self.station.evses:
            if evse.transaction is not None:
                self.start(evse)

    def _sample_later(self, evse: Evse) -> None:
        interval = self.station.get(variables.TX_UPDATED_INTERVAL)
        if interval > 0:
            evse.start_timer("sample", self.station.after(interval, lambda: self._sample(evse)))

    def _keep_later(self, evse: Evse) -> None:
        interval = self.ended_interval()
        if interval > 0:
            evse.start_timer("ended", self.station.after(interval, lambda: self._keep(evse)))

    def ended_interval(self) -> int:
        """Seconds between the values that are kept for the end of a transaction."""
        station = self.station
        if station.policy.ended_samples_follow_updates:
            return station.get(variables.TX_UPDATED_INTERVAL)
        return station.get(variables.TX_ENDED_INTERVAL)

    def _sample(self, evse: Evse) -> None:
        if evse.transaction is None:
            return
        station = self.station
        self._sample_later(evse)
        station.transactions.note_energy(evse)
        value = station.meter_values.sample(
            evse, station.meter_values.told(variables.TX_UPDATED_MEASURANDS), "Sample.Periodic", variables.SIGN_UPDATED
        )
        if value is not None:
            station.transactions.update(evse, "MeterValuePeriodic", (value,), periodic=True)

    def _keep(self, evse: Evse) -> None:
        if evse.transaction is None:
            return
        self._keep_later(evse)
        station = self.station
        value = station.meter_values.sample(
            evse, station.get(variables.TX_ENDED_MEASURANDS), "Sample.Periodic", variables.SIGN_ENDED
        )
        if value is not None:
            self.keep_for_end(evse, value)

    def keep_for_end(self, evse: Evse, value: MeterValue) -> None:
        """Keep a value to be told with the end. How much is bounded: beyond it the 2nd, 4th … go, never first and last (E06.FR.13)."""
        transaction = evse.transaction
        if transaction is None:
            return
        samples = (*transaction.ended_samples, value)
        if sum(len(sample.values) for sample in samples) > self.station.get(MAX_ENDED_SAMPLES):
            samples = samples[:1] + samples[2:-1:2] + samples[-1:]
        transaction.ended_samples = samples
        self.station.transactions.save(evse)
