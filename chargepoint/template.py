"""What the stations of one kind have in common: it is derived once, however many of them a fleet has.

Configurations that a fleet makes of one file differ in who a station is and where its CSMS is; all else in them is the same object. So the
kind is found by the identity of these objects.
"""

import os
from functools import lru_cache
from typing import Any

import msgspec

from chargepoint import __version__
from chargepoint.api.agent import StartFailed, StartFailure
from chargepoint.config.capabilities import capabilities_of
from chargepoint.config.check import security_profile
from chargepoint.config.driver import Driver
from chargepoint.config.schema import Configuration, Csms
from chargepoint.config.schema import Station as Who
from chargepoint.config.variables import factory_values
from chargepoint.link.settings import TlsSettings
from chargepoint.station.device_model.values import Address
from hal import registry
from hal.contract import HardwareError
from profiles.catalogue import station_catalogue
from profiles.identity import Identity, Settings
from profiles.provisioning import variables as provisioning
from profiles.provisioning.network_variables import SLOTS
from profiles.security import variables as security
from profiles.transactions.variables import AFTER_ANY_POWER_CUT

ANYBODY = "-"
FACTORY_SLOT = 0
"""The configuration slot that the CSMS of the configuration file is in."""
SIMULATED = "simulated"
TEMPLATES = 32
"""How many kinds are remembered; one that has been forgotten is derived again."""
WAYS = 32
"""How many ways to a CSMS are remembered for a kind; stations that share one share their factory values."""


class Template:
    """A kind of station. simulated: the EVSEs whose board is simulated; world: whether anything is.

    Raises: StartFailed CONFIGURATION: the factory values do not fit this kind of station.
    """

    __slots__ = ("_configuration", "_drivers", "_factory", "_ways", "catalogue", "settings", "simulated", "world")

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration  # keeps the objects that it is found by
        self.catalogue = station_catalogue(capabilities_of(configuration))
        self.settings = Settings(first_version=configuration.csms.versions[0])
        self.simulated = frozenset(n for n, evse in enumerate(configuration.evses, 1) if evse.board.name == SIMULATED)
        self.world = any(driver.name == SIMULATED for _evse, _connector, driver in configuration.drivers())
        self._drivers: dict[tuple[str, str], type[Any]] = {}
        self._ways: dict[str, dict[Address, Any]] = {}
        values, problems = factory_values(configuration.variables, self.catalogue, configuration.evses)
        if problems:
            raise StartFailed(StartFailure.CONFIGURATION, "; ".join(sentence for _place, sentence in problems))
        ping = configuration.csms.ping_interval_second
        if ping is not None:
            values.setdefault((provisioning.WEB_SOCKET_PING_INTERVAL, 0, 0), round(ping))
        if configuration.behaviour.transactions_after_power_cut == "resume":
            values = {**AFTER_ANY_POWER_CUT, **values}
        self._factory = values

    def factory(self, configuration: Configuration) -> dict[Address, Any]:
        """The factory values: the way to the CSMS, in its slot, and what the configuration file says of variables, which wins.

        configuration: of a station of this kind. The environment, which may hold a password, is looked at once for each way.
        """
        url = configuration.csms.url
        values = self._ways.get(url)
        if values is None:
            of_slot, profile = SLOTS[FACTORY_SLOT], security_profile(configuration, os.environ)
            values = {
                (of_slot.url, 0, 0): url,
                (of_slot.security_profile, 0, 0): profile,
                (security.SECURITY_PROFILE, 0, 0): profile,
                **self._factory,
            }
            if len(self._ways) >= WAYS:
                del self._ways[next(iter(self._ways))]
            self._ways[url] = values
        return values

    def driver(self, driver: Driver) -> type[Any]:
        """The class of a driver. Raises: HardwareError as `hal.registry.load`."""
        name = driver.kind, driver.name
        found = self._drivers.get(name)
        if found is None:
            found = self._drivers[name] = registry.load(*name)
        return found


_templates: dict[tuple[object, ...], Template] = {}


def template_of(configuration: Configuration) -> Template:
    """The kind of station that a configuration is of. Raises: StartFailed CONFIGURATION, HARDWARE."""
    who, csms = configuration.station, configuration.csms
    key = (
        *map(
            id,
            (
                configuration.evses,
                configuration.meter,
                configuration.readers,
                configuration.system,
                configuration.variables,
                configuration.behaviour,
            ),
        ),
        csms.versions,
        csms.ping_interval_second,
        csms.security_profile,
        csms.ca_file,
        csms.client_certificate is None,
        csms.password_file is None,
        csms.password_env,
        bool(who.iccid),
        bool(who.imsi),
    )
    template = _templates.get(key)
    if template is None:
        try:
            template = Template(configuration)
        except HardwareError as error:  # a register map that cannot be read
            raise StartFailed(StartFailure.HARDWARE, str(error)) from error
        if len(_templates) >= TEMPLATES:
            del _templates[next(iter(_templates))]
        _templates[key] = template
    return template


def identity_of(who: Who) -> Identity:
    """What the CSMS is told of a station; one object for all that are the same in this."""
    return _identity(msgspec.structs.replace(who, id=ANYBODY))


@lru_cache(maxsize=TEMPLATES)
def _identity(who: Who) -> Identity:
    return Identity(
        vendor=who.vendor,
        model=who.model,
        serial_number=who.serial,
        firmware_version=who.firmware_version or __version__,
        meter_type=who.meter_type,
        meter_serial_number=who.meter_serial,
        iccid=who.iccid,
        imsi=who.imsi,
    )


def tls_of(csms: Csms) -> TlsSettings:
    """Whom a station trusts, and how it shows who it is; one object for all that are the same in this."""
    return _tls(csms.ca_file, csms.client_certificate, csms.client_key, csms.minimum_tls_version)


@lru_cache(maxsize=TEMPLATES)
def _tls(ca_file: str | None, certificate: str | None, key: str | None, minimum_version: Any) -> TlsSettings:
    return TlsSettings(
        ca_file=ca_file or "",
        certificate_file=certificate or "",
        key_file=key or "",
        minimum_version=minimum_version,
    )
