"""The 2.1 dialect: the tables of 2.0.1, and what 2.1 changes of them.

The 2.0.1 records are sent where 2.1 has only added optional fields; the 2.1 codec checks them against the 2.1 schema.
"""

from chargepoint.dialects import v201
from chargepoint.dialects.dialect import Dialect
from chargepoint.station.policy import POLICY_21
from profiles.mapping import Table
from profiles.provisioning import device_model_v21 as device_model
from profiles.provisioning import v21 as provisioning
from profiles.remote_control import v21 as remote_control
from profiles.reservation import v21 as reservation
from profiles.smart_charging import v21 as smart_charging
from profiles.transactions import v21 as transactions


def table() -> Table:
    """All entries of this version."""
    delta = Table.joined(provisioning, device_model, transactions, reservation, remote_control, smart_charging)
    return v201.table().join(delta)


def dialect() -> Dialect:
    """The dialect, made once per process."""
    return Dialect("2.1", table(), POLICY_21)
