"""What the CSMS and the driver do in the tests of remote starts."""

from typing import Any

from tests.support.bench import Bench

TOKEN = "04AABBCC"
OTHER = "04DDEEFF"


def start(
    bench: Bench,
    evse_id: int | None = 1,
    *,
    token: str = TOKEN,
    kind: str = "ISO14443",
    remote_start_id: int = 77,
    **fields: Any,
) -> Any:
    """The CSMS asks for a start; returns the answer. evse_id None: wherever."""
    if bench.version == "1.6":
        place = {} if evse_id is None else {"connectorId": evse_id}
        return bench.call("RemoteStartTransaction", place, idTag=token, **fields)
    place = {} if evse_id is None else {"evseId": evse_id}
    return bench.call(
        "RequestStartTransaction",
        place,
        remoteStartId=remote_start_id,
        idToken={"idToken": token, "type": kind},
        **fields,
    )


def charges(bench: Bench, evse_id: int = 1) -> bool:
    """Whether power flows after a while."""
    bench.run(3)
    return bench.evse(evse_id).contactor_closed


def events(bench: Bench) -> list[Any]:
    """The TransactionEvents so far."""
    return [r for r in bench.csms.log if r.action == "TransactionEvent"]


def station(version: str, *, asks: bool = False, evses: int = 1, **variables: object) -> Bench:
    """asks: AuthorizeRemoteStart. variables: 1.6 keys, or 2.x names with `__` for the dot."""
    named = {name.replace("__", "."): value for name, value in variables.items()}
    return Bench(version, evses=evses, variables={"AuthorizeRemoteTxRequests": asks, **named}).boot()
