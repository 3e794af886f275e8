"""The rules of the device model towards the CSMS: read, change, report (2.x B05–B08; 1.6 §5.3, §5.8).

Rule 1. Each value of a message stands for itself: what is refused changes nothing and says why, the others are done (B05.FR.01).
Rule 2. A report is made part by part, each when the one before has been answered, so that a big station needs no memory for it.
Rule 3. A part that the CSMS does not take is not repeated, the next one follows; with the connection the report ends, as nothing but
transactions is kept for later. Reports follow one another; when too many wait the CSMS is told to come again (B07.FR.13, B08.FR.16).
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from chargepoint.station.command import CommandError, Respond, Result
from chargepoint.station.device_model.address import UnknownName, locate
from chargepoint.station.facts import Failure, Refused
from chargepoint.station.service import handles
from chargepoint.station.variables import (
    Address,
    InvalidValue,
    Mutability,
    RefusalReason,
    Variable,
    Variables,
    apply_factory,
    parse_key,
    read_key,
)
from profiles.provisioning import variables
from profiles.provisioning.device_model_commands import (
    ChangeConfiguration,
    Configuration,
    GetBaseReport,
    GetConfiguration,
    GetReport,
    GetVariables,
    Got,
    Key,
    SetVariables,
    Wanted,
    Wish,
)
from profiles.provisioning.device_model_facts import ReportPart
from profiles.provisioning.device_model_report import BASES, CRITERIA, Filter, addresses, custom, entry
from profiles.service import BlockService

if TYPE_CHECKING:
    from profiles.charging_station import ChargingStation

__all__ = ["DeviceModelService", "apply_factory"]

ENTRIES_PER_PART = 20
MAXIMUM_REPORTS = 4
_GONE = (Failure.OFFLINE, Failure.LOST, Failure.NOT_SUPPORTED)


class Report:
    """A report on its way: which values are still to be told, and the number of the next part."""

    __slots__ = ("_found", "_next", "request_id", "sequence")

    def __init__(self, request_id: int, found: Iterator[Address]) -> None:
        self._found = found
        self._next = next(found, None)
        self.request_id = request_id
        self.sequence = 0

    @property
    def more(self) -> bool:
        """Whether there is something left to tell."""
        return self._next is not None

    def take(self, count: int) -> Iterator[Address]:
        """The next values, `count` at most."""
        while count and self._next is not None:
            address, self._next = self._next, next(self._found, None)
            count -= 1
            yield address


class DeviceModelService(BlockService):
    """The device model of functional block B."""

    __slots__ = ("_reports",)

    def __init__(self, station: "ChargingStation") -> None:
        self.station = station
        self._reports: tuple[Report, ...] = ()

    @property
    def _variables(self) -> Variables:
        return self.station.variables

    # --- 2.x variables --------------------------------------------------------------------------------------------------

    @handles(GetVariables)
    def get_variables(self, command: GetVariables, respond: Respond) -> None:
        """B06."""
        self._limit(len(command.wanted), variables.ITEMS_PER_MESSAGE_GET_VARIABLES)
        self._limit_size(command.size_byte, variables.BYTES_PER_MESSAGE_GET_VARIABLES)
        respond(tuple(map(self._get, command.wanted)))

    def _get(self, wanted: Wanted) -> Got:
        try:
            variable, *place = locate(self._variables, wanted.component, wanted.variable)
        except UnknownName as error:
            return Got(error.status, None, "NotFound", str(error))
        attribute = variable.attributes.get(wanted.attribute)
        if attribute is None:
            return _no_attribute(variable, wanted.attribute)
        if self._form(attribute).mutability is Mutability.WRITE_ONLY:  # B06.FR.09
            return Got("Rejected", None, "WriteOnly", f"{variable.path} can be written only")
        return Got(
            "Accepted", self._variables.text(attribute, *place)[: self.station.get(variables.REPORTING_VALUE_SIZE)]
        )

    @handles(SetVariables)
    def set_variables(self, command: SetVariables, respond: Respond) -> None:
        """B05."""
        self._limit(len(command.wishes), variables.ITEMS_PER_MESSAGE_SET_VARIABLES)
        self._limit_size(command.size_byte, variables.BYTES_PER_MESSAGE_SET_VARIABLES)
        respond(tuple(map(self._set, command.wishes)))

    def _set(self, wish: Wish) -> Got:
        try:
            variable, *place = locate(self._variables, wish.component, wish.variable)
        except UnknownName as error:
            return Got(error.status, None, "NotFound", str(error))
        attribute = variable.attributes.get(wish.attribute)
        if attribute is None:
            return _no_attribute(variable, wish.attribute)
        if self._form(attribute).mutability is Mutability.READ_ONLY:  # B05.FR.09
            return Got("Rejected", None, RefusalReason.READ_ONLY.value, f"{variable.path} is read-only")
        if len(wish.text) > self.station.get(variables.CONFIGURATION_VALUE_SIZE):
            return Got("Rejected", None, "TooLargeElement", "longer than ConfigurationValueSize")
        try:
            value = self._variables.parse(attribute, wish.text, *place)
        except InvalidValue as error:  # B05.FR.07, B05.FR.08
            return Got("Rejected", None, error.reason.value, f"{variable.path}: {error}")
        self._apply((attribute, place[0], place[1]), value)
        return Got("RebootRequired" if self._form(attribute).reboot else "Accepted")

    def _apply(self, address: Address, value: Any) -> None:
        variable, evse_id, connector_id = address
        self._variables.set(variable, value, evse_id, connector_id)
        self.station.notify("variable_changed", name=variable.path, evse_id=evse_id, connector_id=connector_id)

    def _form(self, variable: Variable[Any]) -> Variable[Any]:
        return self._variables.catalogue.form(variable)

    # --- limits of messages ---------------------------------------------------------------------------------------------

    def _limit(self, count: int, limit: Variable[int]) -> None:
        """B05.FR.11, B06.FR.16, B08.FR.17."""
        most = self.station.get(limit)
        if count > most:
            raise CommandError("OccurrenceConstraintViolation", f"{count} elements are more than {limit.path} = {most}")

    def _limit_size(self, size_byte: int, limit: Variable[int]) -> None:
        """B06.FR.17, B08.FR.18."""
        most = self.station.get(limit)
        if size_byte > most:
            raise CommandError("FormatViolation", f"{size_byte} bytes are more than {limit.path} = {most}")

    # --- reports --------------------------------------------------------------------------------------------------------

    @handles(GetBaseReport)
    def get_base_report(self, command: GetBaseReport, respond: Respond) -> None:
        """B07."""
        belongs = BASES.get(command.base)
        if belongs is None:
            respond(Result("NotSupported", "UnsupportedParam", f"there is no report {command.base}"))  # B07.FR.02
            return
        self._report(command.request_id, belongs, respond)

    @handles(GetReport)
    def get_report(self, command: GetReport, respond: Respond) -> None:
        """B08."""
        self._limit(len(command.selections), variables.ITEMS_PER_MESSAGE_GET_REPORT)
        self._limit_size(command.size_byte, variables.BYTES_PER_MESSAGE_GET_REPORT)
        if any(criterion not in CRITERIA for criterion in command.criteria):  # B08.FR.02
            respond(Result("NotSupported", "UnsupportedParam", f"expected one of {', '.join(CRITERIA)}"))
            return
        self._report(command.request_id, custom(command.criteria, command.selections), respond)

    def _report(self, request_id: int, belongs: Filter, respond: Respond) -> None:
        report = Report(request_id, (found for found in addresses(self._variables) if belongs(self._variables, found)))
        if not report.more:
            respond(Result("EmptyResultSet", "NotFound", "nothing meets the criteria"))  # B08.FR.15
            return
        if any(other.request_id == request_id for other in self._reports):
            respond(Result("Rejected", "DuplicateRequestId", f"report {request_id} is on its way"))
            return
        if len(self._reports) >= MAXIMUM_REPORTS:
            respond(Result("Rejected", "OutOfMemory", "too many reports are on their way"))
            return
        self._reports = (*self._reports, report)
        respond(Result("Accepted"))
        if len(self._reports) == 1:
            self.station.after(0.0, self._send_part)  # in a turn of its own: the response goes first

    def _send_part(self) -> None:
        report = self._reports[0]
        length = self.station.get(variables.REPORTING_VALUE_SIZE)
        entries = tuple(
            entry(self._variables, address, maximum_length=length) for address in report.take(ENTRIES_PER_PART)
        )
        part = ReportPart(
            request_id=report.request_id,
            sequence=report.sequence,
            instant=self.station.clock.now(),
            entries=entries,
            more=report.more,
        )
        report.sequence += 1
        self.station.outbox.ask(part, self._part_answered, self._part_failed, instructed=True)

    def _part_answered(self, _answer: object) -> None:
        self._proceed()

    def _part_failed(self, refused: Refused) -> None:
        request_id = self._reports[0].request_id
        self.station.notify("report_failed", request_id=request_id, failure=refused.failure.value)
        if refused.failure in _GONE:
            self._reports = ()
        else:
            self._proceed()

    def _proceed(self) -> None:
        if not self._reports[0].more:
            self._reports = self._reports[1:]
        if self._reports:
            self._send_part()

    # --- 1.6 configuration keys -----------------------------------------------------------------------------------------

    @handles(GetConfiguration)
    def get_configuration(self, command: GetConfiguration, respond: Respond) -> None:
        """1.6 §5.8."""
        self._limit(len(command.keys), variables.GET_CONFIGURATION_MAX_KEYS)
        catalogue = self._variables.catalogue
        if not command.keys:
            respond(Configuration(tuple(map(self._key, catalogue.keys16()))))
            return
        asked = {key.casefold(): key for key in command.keys}
        known = {folded: variable for folded in asked if (variable := catalogue.by_key16(folded)) is not None}
        unknown = tuple(key for folded, key in asked.items() if folded not in known)
        respond(Configuration(tuple(map(self._key, known.values())), unknown))

    def _key(self, variable: Variable[Any]) -> Key:
        read_only = self._form(variable).mutability16 is Mutability.READ_ONLY
        return Key(variable.key16, read_only, read_key(self._variables, variable))

    @handles(ChangeConfiguration)
    def change_configuration(self, command: ChangeConfiguration, respond: Respond) -> None:
        """1.6 §5.3."""
        result = self._change(command)
        if result.reason_code:  # 1.6 has no words for it: the operator reads it here
            self.station.notify("configuration_refused", key=command.key, message=result.additional_info)
        respond(result)

    def _change(self, command: ChangeConfiguration) -> Result:
        variable = self._variables.catalogue.by_key16(command.key)
        if variable is None:
            return Result("NotSupported", "NotFound", "there is no such key")
        form = self._form(variable)
        if form.mutability16 is Mutability.READ_ONLY:
            return Result("Rejected", RefusalReason.READ_ONLY.value, "the key is read-only")
        try:
            changes = parse_key(self._variables, variable, command.text)
        except InvalidValue as error:
            return Result("Rejected", error.reason.value, str(error))
        for address, value in changes:
            self._apply(address, value)
        return Result("RebootRequired" if form.reboot else "Accepted")


def _no_attribute(variable: Variable[Any], attribute: str) -> Got:
    """B05.FR.06, B06.FR.08."""
    return Got("NotSupportedAttributeType", None, "UnsupportedParam", f"{variable.path} has no attribute {attribute}")
