"""Authorization in 2.x: Authorize, ClearCache."""

from typing import TYPE_CHECKING

from chargepoint.station.command import Result
from chargepoint.wire import v201 as wire
from profiles.authorization.commands import ClearCache
from profiles.authorization.facts import AuthorizationAnswer, AuthorizationRequested
from profiles.common_v201 import id_token, status_info, token_info
from profiles.mapping import Table, word

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

table = Table()


def _answer(response: wire.AuthorizeResponse, _fact: object, _station: object) -> AuthorizationAnswer:
    return AuthorizationAnswer(token_info(response.id_token_info), response.certificate_status)


@table.sends(AuthorizationRequested, "Authorize", _answer)
def authorize(fact: AuthorizationRequested, station: "ChargingStation") -> wire.AuthorizeRequest | None:
    """C01, C07."""
    token = id_token(fact.token, station)
    if token is None:
        return None
    hashes = [
        wire.OCSPRequestData(
            hash_algorithm=word(certificate.algorithm),
            issuer_name_hash=certificate.issuer_name_hash,
            issuer_key_hash=certificate.issuer_key_hash,
            serial_number=certificate.serial_number,
            responder_url=certificate.responder_url,
        )
        for certificate in fact.certificate_hashes
    ]
    return wire.AuthorizeRequest(
        id_token=token,
        certificate=fact.certificate,
        iso15118_certificate_hash_data=hashes or None,
    )


def _cleared(result: Result, _request: object, _station: object) -> wire.ClearCacheResponse:
    return wire.ClearCacheResponse(status=word(result.status), status_info=status_info(result))


@table.receives("ClearCache", ClearCache, _cleared)
def clear_cache(_request: wire.ClearCacheRequest, _station: "ChargingStation") -> ClearCache:
    """C11."""
    return ClearCache()
