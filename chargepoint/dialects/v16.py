"""The 1.6 dialect: the tables of all functional blocks, joined."""

from chargepoint.dialects.dialect import Dialect
from chargepoint.station.policy import POLICY_16
from profiles.authorization import v16 as authorization
from profiles.availability import v16 as availability
from profiles.certificates import v16 as certificates
from profiles.data_transfer import v16 as data_transfer
from profiles.diagnostics import v16 as diagnostics
from profiles.firmware import v16 as firmware
from profiles.local_list import v16 as local_list
from profiles.mapping import Table
from profiles.meter_values import v16 as meter_values
from profiles.provisioning import device_model_v16 as device_model
from profiles.provisioning import v16 as provisioning
from profiles.remote_control import v16 as remote_control
from profiles.reservation import v16 as reservation
from profiles.security import v16 as security
from profiles.smart_charging import v16 as smart_charging
from profiles.transactions import v16 as transactions


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
    )


def dialect() -> Dialect:
    """The dialect, made once per process."""
    return Dialect("1.6", table(), POLICY_16)
