"""Authorization in 2.x: Authorize, ClearCache."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.authorization.commands import ClearCache
from profiles.authorization.facts import AuthorizationRequested
from profiles.common_v201 import id_token, status_info, token_info
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


@table.sends(AuthorizationRequested, "Authorize", lambda response, _fact, _station: token_info(response.id_token_info))
def authorize(fact: AuthorizationRequested, _station: "ChargingStation") -> wire.AuthorizeRequest:
    """C01."""
    return wire.AuthorizeRequest(id_token=id_token(fact.token), certificate=fact.certificate)


def _cleared(result: Result, _request: object, _station: object) -> wire.ClearCacheResponse:
    return wire.ClearCacheResponse(status=word(result.status), status_info=status_info(result))


@table.receives("ClearCache", ClearCache, _cleared)
def clear_cache(_request: wire.ClearCacheRequest, _station: "ChargingStation") -> ClearCache:
    """C11."""
    return ClearCache()
