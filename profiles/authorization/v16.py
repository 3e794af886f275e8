"""Authorization in 1.6: Authorize, ClearCache."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v16 as wire
from profiles.authorization.commands import ClearCache
from profiles.authorization.facts import AuthorizationAnswer, AuthorizationRequested
from profiles.common_v16 import token_info
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _answer(response: wire.AuthorizeResponse, _fact: object, _station: object) -> AuthorizationAnswer:
    return AuthorizationAnswer(token_info(response.id_tag_info))


@table.sends(AuthorizationRequested, "Authorize", _answer)
def authorize(fact: AuthorizationRequested, _station: "ChargingStation") -> wire.AuthorizeRequest:
    """1.6 §4.1."""
    return wire.AuthorizeRequest(id_tag=fact.token.value)


def _cleared(result: Result, _request: object, _station: object) -> wire.ClearCacheResponse:
    return wire.ClearCacheResponse(status=word(result.status))


@table.receives("ClearCache", ClearCache, _cleared)
def clear_cache(_request: wire.ClearCacheRequest, _station: "ChargingStation") -> ClearCache:
    """1.6 §5.4."""
    return ClearCache()
