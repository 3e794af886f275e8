"""Variables of authorization: when the CSMS is asked, and what counts when it cannot be."""

from typing import Any

from chargepoint.station.variables import DataType, Mutability, Variable

TOKEN_KINDS = ("Central", "ISO14443", "ISO15693", "KeyCode", "Local", "MacAddress", "NoAuthorization")
"""2.x IdTokenEnumType, without what needs ISO 15118."""

AUTH_ENABLED = Variable("AuthCtrlr", "Enabled", DataType.BOOLEAN, True)
AUTHORIZE_REMOTE_START = Variable(
    "AuthCtrlr", "AuthorizeRemoteStart", DataType.BOOLEAN, False, key16="AuthorizeRemoteTxRequests"
)
LOCAL_AUTHORIZE_OFFLINE = Variable(
    "AuthCtrlr", "LocalAuthorizeOffline", DataType.BOOLEAN, True, key16="LocalAuthorizeOffline"
)
LOCAL_PRE_AUTHORIZE = Variable("AuthCtrlr", "LocalPreAuthorize", DataType.BOOLEAN, False, key16="LocalPreAuthorize")
OFFLINE_TX_FOR_UNKNOWN_ID_ENABLED = Variable(
    "AuthCtrlr", "OfflineTxForUnknownIdEnabled", DataType.BOOLEAN, False, key16="AllowOfflineTxForUnknownId"
)
MASTER_PASS_GROUP_ID = Variable("AuthCtrlr", "MasterPassGroupId", DataType.STRING, "", maximum=36)
DISABLE_REMOTE_AUTHORIZATION = Variable("AuthCtrlr", "DisableRemoteAuthorization", DataType.BOOLEAN, False)
SUPPORTED_ID_TOKEN_TYPE = Variable(
    "AuthCtrlr",
    "SupportedIdTokenType",
    DataType.MEMBER_LIST,
    ("Central", "ISO14443", "Local", "NoAuthorization"),
    mutability=Mutability.READ_ONLY,
    values=TOKEN_KINDS,
)


CACHE_MAXIMUM_BYTE = 1_000_000


def _cache_bytes(station: Any, _evse_id: int, _connector_id: int) -> int:
    return int(station.authorization.cache.size_byte)


AUTH_CACHE_ENABLED = Variable("AuthCacheCtrlr", "Enabled", DataType.BOOLEAN, True, key16="AuthorizationCacheEnabled")
AUTH_CACHE_AVAILABLE = Variable("AuthCacheCtrlr", "Available", DataType.BOOLEAN, True, mutability=Mutability.READ_ONLY)
AUTH_CACHE_LIFE_TIME = Variable("AuthCacheCtrlr", "LifeTime", DataType.INTEGER, 0, minimum=0, unit="s")
AUTH_CACHE_POLICY = Variable(
    "AuthCacheCtrlr", "Policy", DataType.OPTION_LIST, "LRU", mutability=Mutability.READ_ONLY, values=("LRU",)
)
AUTH_CACHE_STORAGE = Variable(
    "AuthCacheCtrlr", "Storage", DataType.INTEGER, 0, unit="B", maximum=CACHE_MAXIMUM_BYTE, value_of=_cache_bytes
)
AUTH_CACHE_DISABLE_POST_AUTHORIZE = Variable("AuthCacheCtrlr", "DisablePostAuthorize", DataType.BOOLEAN, False)
