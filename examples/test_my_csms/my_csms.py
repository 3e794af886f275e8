"""A tiny CSMS for OCPP 1.6, as an example of what is tested: it knows its drivers, and bills what was charged."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call, call_result


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Bill:
    """What a driver has charged."""

    station: str
    id_tag: str
    meter_start: int
    watt_hour: int | None = None
    reason: str = ""


class MyCsms:
    """Serves stations. drivers: their idTags. now: the time that stations are told; tests on virtual time give their own."""

    def __init__(self, drivers: set[str], now: Callable[[], datetime] = _now) -> None:
        self.drivers = drivers
        self.now = now
        self.bills: dict[int, Bill] = {}
        self.stations: dict[str, Station] = {}

    async def handler(self, connection: Any) -> None:
        """Serve a connection, until it ends."""
        identity = connection.request.path.rpartition("/")[2]
        station = self.stations[identity] = Station(identity, connection, self)
        try:
            await station.start()
        except websockets.ConnectionClosed:
            pass
        finally:
            if self.stations.get(identity) is station:
                del self.stations[identity]

    def serve(self, host: str = "127.0.0.1", port: int = 0) -> Any:
        """Listen: `async with csms.serve() as server`."""
        return websockets.serve(self.handler, host, port, subprotocols=["ocpp1.6"])

    async def stop_charging(self, transaction_id: int) -> str:
        """Have a transaction stopped by its station. Returns "Accepted" or "Rejected"."""
        station = self.stations[self.bills[transaction_id].station]
        answer = await station.call(call.RemoteStopTransaction(transaction_id=transaction_id))
        return str(answer.status)


class Station(ChargePoint):
    """One station's messages."""

    def __init__(self, identity: str, connection: Any, csms: MyCsms) -> None:
        super().__init__(identity, connection)
        self.csms = csms

    def _time(self) -> str:
        return self.csms.now().isoformat()

    def _info(self, id_tag: str) -> dict[str, str]:
        return {"status": "Accepted" if id_tag in self.csms.drivers else "Invalid"}

    @on("BootNotification")
    def booted(self, **_payload: Any) -> Any:
        return call_result.BootNotification(current_time=self._time(), interval=600, status="Accepted")

    @on("Heartbeat")
    def beat(self) -> Any:
        return call_result.Heartbeat(current_time=self._time())

    @on("Authorize")
    def authorize(self, id_tag: str) -> Any:
        return call_result.Authorize(id_tag_info=self._info(id_tag))

    @on("StartTransaction")
    def started(self, id_tag: str, meter_start: int, **_payload: Any) -> Any:
        number = len(self.csms.bills) + 1
        self.csms.bills[number] = Bill(self.id, id_tag, meter_start)
        return call_result.StartTransaction(transaction_id=number, id_tag_info=self._info(id_tag))

    @on("StopTransaction")
    def stopped(self, transaction_id: int, meter_stop: int, reason: str = "Local", **_payload: Any) -> Any:
        bill = self.csms.bills[transaction_id]
        bill.watt_hour = meter_stop - bill.meter_start
        bill.reason = reason
        return call_result.StopTransaction()

    @on("MeterValues")
    def metered(self, **_payload: Any) -> Any:
        return call_result.MeterValues()

    @on("StatusNotification")
    def status(self, **_payload: Any) -> Any:
        return call_result.StatusNotification()

    @on("SecurityEventNotification")
    def security(self, **_payload: Any) -> Any:
        return call_result.SecurityEventNotification()


async def main() -> None:
    """Run it for operation."""
    async with MyCsms({"04AABBCC"}).serve(port=9000):
        await asyncio.get_running_loop().create_future()


if __name__ == "__main__":
    asyncio.run(main())
