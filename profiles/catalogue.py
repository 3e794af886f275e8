"""The device model of a kind of station: the variables of the functional blocks that it has, fitted to what its hardware can do."""

from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import msgspec

from chargepoint.station.variables import Catalogue, Mutability, Variable
from profiles.authorization import variables as authorization
from profiles.availability import variables as availability
from profiles.certificates import variables as certificates
from profiles.firmware import variables as firmware
from profiles.local_list import variables as local_list
from profiles.meter_values import variables as meter_values
from profiles.provisioning import delivery_variables as delivery
from profiles.provisioning import variables as provisioning
from profiles.provisioning.network_variables import NETWORK_VARIABLES
from profiles.reservation import variables as reservation
from profiles.security import variables as security
from profiles.smart_charging import variables as smart_charging
from profiles.transactions import variables as transactions


class Capabilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a kind of station can do; what it cannot is absent from its device model, or read-only in it.

    sockets: at least one connector has no cable of its own and a lock. occupancy: a sensor sees vehicles in the bay. measurands: what the
    meter gives. signed_values: the meter signs. certificates: keys and certificates can be renewed. trust_store: root certificates can be
    installed. modem: iccid and imsi are known.
    evse_reset: an EVSE can be restarted alone. token_kinds: what readers and the CSMS may present. time_sources: best first.
    feature_profiles: of 1.6, besides Core and RemoteTrigger and those that follow from the rest.
    """

    authorization_cache: bool = True
    local_list: bool = True
    reservation: bool = True
    smart_charging: bool = True
    sockets: bool = True
    occupancy: bool = True
    measurands: tuple[str, ...] = meter_values.MEASURANDS
    signed_values: bool = False
    certificates: bool = False
    trust_store: bool = True
    modem: bool = False
    evse_reset: bool = True
    token_kinds: tuple[str, ...] = ("Central", "ISO14443", "Local", "NoAuthorization")
    time_sources: tuple[str, ...] = ("Heartbeat", "RealTimeClock")
    file_transfer_protocols: tuple[str, ...] = ()
    feature_profiles: tuple[str, ...] = ()


_CACHE = (
    authorization.AUTH_CACHE_ENABLED,
    authorization.AUTH_CACHE_AVAILABLE,
    authorization.AUTH_CACHE_LIFE_TIME,
    authorization.AUTH_CACHE_POLICY,
    authorization.AUTH_CACHE_STORAGE,
    authorization.AUTH_CACHE_DISABLE_POST_AUTHORIZE,
)
_SIGNED = (
    meter_values.SAMPLED_SIGN_READINGS,
    meter_values.ALIGNED_SIGN_READINGS,
    meter_values.SAMPLED_SIGN_STARTED_READINGS,
    meter_values.SAMPLED_SIGN_UPDATED_READINGS,
    meter_values.ALIGNED_SIGN_UPDATED_READINGS,
    meter_values.PUBLIC_KEY_WITH_SIGNED_METER_VALUE,
)
_RENEWAL = (security.CERT_SIGNING_WAIT_MINIMUM, security.CERT_SIGNING_REPEAT_TIMES)
_MODEM = (provisioning.MODEM_ICCID, provisioning.MODEM_IMSI)
_MEASURAND_LISTS = (
    meter_values.TX_STARTED_MEASURANDS,
    meter_values.TX_UPDATED_MEASURANDS,
    meter_values.TX_ENDED_MEASURANDS,
    meter_values.ALIGNED_MEASURANDS,
    meter_values.ALIGNED_TX_ENDED_MEASURANDS,
)


def declared(module: ModuleType) -> Iterator[Variable[Any]]:
    """The variables that a module declares, in its order."""
    return (value for value in vars(module).values() if isinstance(value, Variable))


@cache
def station_catalogue(capabilities: Capabilities | None = None) -> Catalogue:
    """The device model of a kind of station; one object for all stations of that kind."""
    capabilities = capabilities or Capabilities()
    variables: list[Variable[Any]] = []
    for module in _modules(capabilities):
        variables.extend(declared(module))
    variables.extend(NETWORK_VARIABLES)
    absent = frozenset(_absent(capabilities))
    return Catalogue((v for v in variables if v not in absent), _forms(capabilities))


def _modules(capabilities: Capabilities) -> Iterator[ModuleType]:
    yield provisioning
    yield security
    yield certificates
    yield authorization
    if capabilities.local_list:
        yield local_list
    yield transactions
    yield availability
    if capabilities.reservation:
        yield reservation
    if capabilities.smart_charging:
        yield smart_charging
    yield meter_values
    yield firmware
    yield delivery


def _absent(capabilities: Capabilities) -> Iterable[Variable[Any]]:
    if not capabilities.authorization_cache:
        yield from _CACHE
    if not capabilities.sockets:
        yield availability.LOCK_PROBLEM
    if not capabilities.signed_values:
        yield from _SIGNED
    if not capabilities.certificates:
        yield from _RENEWAL
    if not capabilities.trust_store:
        yield certificates.CERTIFICATE_STORE_MAX_LENGTH
    if not capabilities.modem:
        yield from _MODEM


def _forms(capabilities: Capabilities) -> dict[Variable[Any], Variable[Any]]:
    forms: dict[Variable[Any], Variable[Any]] = {}

    def form(variable: Variable[Any], **changes: Any) -> None:
        forms[variable] = variable.replace(**changes)

    for variable in _MEASURAND_LISTS:
        default = tuple(member for member in variable.default if member in capabilities.measurands)
        form(variable, values=capabilities.measurands, default=default)
    if not capabilities.sockets:  # read-only false where every cable is fixed (2.0.1 part 2 §2.1.12; 1.6 errata 3.84)
        form(transactions.UNLOCK_ON_EV_SIDE_DISCONNECT, mutability=Mutability.READ_ONLY, default=False)
    points = tuple(p for p in transactions.TRANSACTION_POINTS if capabilities.occupancy or p != "ParkingBayOccupancy")
    form(transactions.TX_START_POINT, values=(*points, "DataSigned") if capabilities.signed_values else points)
    form(transactions.TX_STOP_POINT, values=points)  # DataSigned means nothing there (2.1 §2.7.6.2)
    if "SoC" in capabilities.measurands:
        form(transactions.SUPPORTED_LIMITS, default=transactions.LIMITS)
    if not capabilities.certificates:  # it would name the subject of a request that is never made
        form(security.ORGANIZATION_NAME, mutability=Mutability.READ_ONLY)
    if not capabilities.evse_reset:
        form(availability.EVSE_ALLOW_RESET, default=False)
    form(authorization.SUPPORTED_ID_TOKEN_TYPE, default=capabilities.token_kinds)
    form(provisioning.TIME_SOURCE, default=capabilities.time_sources, values=capabilities.time_sources)
    form(firmware.FILE_TRANSFER_PROTOCOLS, default=capabilities.file_transfer_protocols)
    form(provisioning.SUPPORTED_FEATURE_PROFILES, default=tuple(_feature_profiles(capabilities)))
    return forms


def _feature_profiles(capabilities: Capabilities) -> Iterator[str]:
    yield "Core"
    if capabilities.local_list:
        yield "LocalAuthListManagement"
    if capabilities.reservation:
        yield "Reservation"
    yield "RemoteTrigger"
    if capabilities.smart_charging:
        yield "SmartCharging"
    yield from capabilities.feature_profiles
