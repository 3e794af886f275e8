"""A client of the control API, on the standard library alone, so that `ctl` starts quickly."""

import http.client
import json
import socket
import time
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from chargepoint.api.address import Address

_TIMEOUT_SECOND: Final = 10.0
_READY_SECOND: Final = 5.0
_PAUSE_SECOND: Final = 0.1


class ControlError(Exception):
    """The station cannot be reached; the text says what to do."""


class Refused(Exception):  # noqa: N818  # an answer, not a fault
    """The station has refused a verb. problem: the body of the answer."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail", "The station refused.")))
        self.problem = problem


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: str, timeout: float | None) -> None:
        super().__init__("localhost", timeout=timeout)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


class ControlClient:
    """Speaks to one station. token: needed where the station has one, over TCP.

    station: of the fleet that is there, its identity; "*" = all its stations.
    """

    def __init__(self, address: Address, *, token: str | None = None, station: str | None = None) -> None:
        self._address = address
        self._token = token
        self._prefix = "/v1/"
        if station is not None:
            self._prefix = "/v1/fleet/" if station == "*" else f"/v1/stations/{quote(station, safe='')}/"

    def describe(self) -> dict[str, Any]:
        """The station as it is now."""
        return self._json("GET", "describe", None)

    def summary(self) -> dict[str, Any]:
        """How the fleet does. Raises: Refused, ControlError."""
        return self._json("GET", "", None)

    def call(self, verb: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Carry out a verb; a station that is still starting is waited for, up to five seconds.

        Raises: Refused, ControlError.
        """
        return self._json("POST", verb, arguments)

    def watch(self) -> Iterator[dict[str, Any]]:
        """Every event from now on, the description of the station first; ends with the station.

        Raises: ControlError.
        """
        connection = self._connection(None)
        response = self._send(connection, "GET", "watch", None)
        if response.status != http.client.OK:
            raise Refused(_body(response.read()))
        with connection.sock or socket.socket():
            for line in response:
                if line.startswith(b"data: "):
                    yield json.loads(line.removeprefix(b"data: "))

    def _json(self, method: str, verb: str, arguments: Mapping[str, Any] | None) -> dict[str, Any]:
        deadline = time.monotonic() + _READY_SECOND
        while True:
            connection = self._connection(_TIMEOUT_SECOND)
            try:
                response = self._send(connection, method, verb, arguments)
                body = _body(response.read())
            except (http.client.HTTPException, ConnectionError) as error:
                if verb == "cut-power":
                    return {}  # the station is gone, as it was asked to be
                raise ControlError(f"The station at {self._address} broke off ({type(error).__name__}).") from error
            finally:
                connection.close()
            if response.status == http.client.OK:
                return body
            if response.status != http.client.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                raise Refused(body)
            time.sleep(_PAUSE_SECOND)

    def _connection(self, timeout: float | None) -> http.client.HTTPConnection:
        if self._address.path is not None:
            return _UnixConnection(self._address.path, timeout)
        return http.client.HTTPConnection(self._address.host, self._address.port, timeout=timeout)

    def _send(
        self, connection: http.client.HTTPConnection, method: str, verb: str, arguments: Mapping[str, Any] | None
    ) -> http.client.HTTPResponse:
        headers = {"Authorization": f"Bearer {self._token}"} if self._token is not None else {}
        body = None if arguments is None else json.dumps(dict(arguments)).encode()
        try:
            connection.connect()
        except PermissionError as error:
            raise ControlError(
                f"The station at {self._address} belongs to another user; use sudo or its account."
            ) from error
        except OSError as error:
            text = f"Nothing answers at {self._address}: start a station with `chargepoint run`, or name its address with --control."
            raise ControlError(text) from error
        connection.request(method, self._prefix + verb, body, headers)
        return connection.getresponse()


def _body(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {"detail": f"The station answered what is not JSON: {raw[:80]!r}"}
    return body if isinstance(body, dict) else {"detail": str(body)}
