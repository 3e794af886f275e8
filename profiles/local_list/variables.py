"""Variables of the local authorization list."""

from typing import Any

from chargepoint.station.variables import DataType, Mutability, Variable

LOCAL_AUTH_LIST_ENABLED = Variable(
    "LocalAuthListCtrlr", "Enabled", DataType.BOOLEAN, True, key16="LocalAuthListEnabled"
)
LOCAL_AUTH_LIST_AVAILABLE = Variable(
    "LocalAuthListCtrlr", "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY
)
LOCAL_AUTH_LIST_MAX_LENGTH = Variable(
    "", "", DataType.INTEGER, 10_000, key16="LocalAuthListMaxLength", mutability=Mutability.READ_ONLY, minimum=1
)


def _entries(station: Any, _evse_id: int, _connector_id: int) -> int:
    return len(station.local_list)


def _most_entries(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.get(LOCAL_AUTH_LIST_MAX_LENGTH))


LOCAL_AUTH_LIST_ENTRIES = Variable(
    "LocalAuthListCtrlr", "Entries", DataType.INTEGER, 0, value_of=_entries, maximum_of=_most_entries
)
LOCAL_AUTH_LIST_ITEMS_PER_MESSAGE = Variable(
    "LocalAuthListCtrlr",
    "ItemsPerMessage",
    DataType.INTEGER,
    1000,
    key16="SendLocalListMaxLength",
    mutability=Mutability.READ_ONLY,
    minimum=1,
)
LOCAL_AUTH_LIST_BYTES_PER_MESSAGE = Variable(
    "LocalAuthListCtrlr",
    "BytesPerMessage",
    DataType.INTEGER,
    1_000_000,
    mutability=Mutability.READ_ONLY,
    minimum=1,
)
LOCAL_AUTH_LIST_SUPPORTS_EXPIRY_DATE_TIME = Variable(
    "LocalAuthListCtrlr", "SupportsExpiryDateTime", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY
)
LOCAL_AUTH_LIST_DISABLE_POST_AUTHORIZE = Variable("LocalAuthListCtrlr", "DisablePostAuthorize", DataType.BOOLEAN, False)
