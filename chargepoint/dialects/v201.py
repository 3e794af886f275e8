"""The 2.0.1 dialect: the tables of all functional blocks, joined."""

from chargepoint.dialects.dialect import Dialect
from chargepoint.station.policy import POLICY_201
from profiles.authorization import v201 as authorization
from profiles.availability import v201 as availability
from profiles.certificates import v201 as certificates
from profiles.data_transfer import v201 as data_transfer
from profiles.diagnostics import v201 as diagnostics
from profiles.firmware import v201 as firmware
from profiles.local_list import v201 as local_list
from profiles.mapping import Table
from profiles.meter_values import v201 as meter_values
from profiles.provisioning import device_model_v201 as device_model
from profiles.provisioning import v201 as provisioning
from profiles.remote_control import v201 as remote_control
from profiles.reservation import v201 as reservation
from profiles.security import v201 as security
from profiles.smart_charging import v201 as smart_charging
from profiles.tariff_cost import v201 as tariff_cost
from profiles.transactions import v201 as transactions


def table() -> Table:
    """All entries of this version."""
    return Table.joined(
        provisioning,
        device_model,
        security,
        certificates,
        authorization,
        local_list,
        transactions,
        meter_values,
        remote_control,
        availability,
        reservation,
        smart_charging,
        firmware,
        diagnostics,
        data_transfer,
        tariff_cost,
    )


def dialect() -> Dialect:
    """The dialect, made once per process."""
    return Dialect("2.0.1", table(), POLICY_201)
