"""The device model in 2.1: as in 2.0.1."""

from profiles.mapping import Table
from profiles.provisioning import device_model_v201

table = Table().join(device_model_v201.table)
