"""The effects of what says who may charge."""

from collections.abc import Callable
from typing import Any

from tests.profiles.effects.effect import OTHER, TOKEN, Effect, asked, booted, charge, charging, info, session
from tests.support.bench import Bench

PRE = {"LocalPreAuthorize": True}
GROUP = "MASTER"


def remote_start_asked(bench: Bench) -> int:
    """How often the CSMS is asked about the token that it has named itself."""
    bench.plug_in()
    bench.csms.forget()
    if bench.version == "1.6":
        answer = bench.call("RemoteStartTransaction", idTag=TOKEN, connectorId=1)
    else:
        named = {"idToken": TOKEN, "type": "ISO14443"}
        answer = bench.call("RequestStartTransaction", idToken=named, remoteStartId=1, evseId=1)
    assert answer["status"] == "Accepted"
    bench.run(2)
    return len(bench.csms.of("Authorize"))


def charges_offline(bench: Bench) -> bool:
    """Whether somebody charges while the CSMS cannot be asked."""
    bench.disconnect()
    bench.plug_in()
    bench.tap()
    bench.run(5)
    return charging(bench)


def known(version: str) -> Bench:
    """The token is in the cache."""
    bench = Bench(version, variables={"AllowOfflineTxForUnknownId": False}).boot()
    session(bench)
    return bench


def knows(**variables: Any) -> Callable[[str], Bench]:
    """The station trusts what it knows; the token is in the cache."""

    def make(version: str) -> Bench:
        bench = Bench(version, variables={**PRE, **variables}).boot()
        session(bench)
        return bench

    return make


def asked_again(bench: Bench) -> int:
    """How often the CSMS is asked about a token that has charged before."""
    session(bench)
    return asked(bench)


def asked_later(bench: Bench) -> int:
    """How often the CSMS is asked about a token that has charged a minute ago."""
    session(bench)
    bench.run(60)
    return asked(bench)


def asked_about_a_blocked_one(bench: Bench) -> int:
    """How often the CSMS is asked about a token that it has called blocked."""
    bench.csms.tokens[OTHER] = {"status": "Blocked"}
    asked(bench, OTHER)
    bench.run(5)
    return asked(bench, OTHER)


def with_list(status: str) -> Callable[[str], Bench]:
    """The station trusts what it knows; its list has an entry for the token."""

    def make(version: str) -> Bench:
        bench = Bench(version, variables=PRE).boot()
        if version == "1.6":
            entry: dict[str, Any] = {"idTag": TOKEN, "idTagInfo": {"status": status}}
            payload = {"listVersion": 1, "localAuthorizationList": [entry]}
        else:
            entry = {"idToken": {"idToken": TOKEN, "type": "ISO14443"}, "idTokenInfo": {"status": status}}
            payload = {"versionNumber": 1, "localAuthorizationList": [entry]}
        assert bench.call("SendLocalList", {"updateType": "Full", **payload})["status"] == "Accepted"
        return bench

    return make


def master_pass_ends(bench: Bench) -> bool:
    """Whether a token of that group ends everybody's session."""
    charge(bench)
    bench.csms.tokens[OTHER] = info(group=GROUP, version=bench.version)
    bench.tap(OTHER)
    bench.run(5)
    return not charging(bench)


EFFECTS: dict[str, Effect] = {
    "AuthCtrlr.Enabled": Effect(asked, {"true": 1, "false": 0}, booted()),
    "AuthCtrlr.AuthorizeRemoteStart": Effect(remote_start_asked, {"true": 1, "false": 0}, booted()),
    "AuthCtrlr.LocalAuthorizeOffline": Effect(charges_offline, {"true": True, "false": False}, known),
    "AuthCtrlr.LocalPreAuthorize": Effect(asked, {"true": 0, "false": 1}, known),
    "AuthCtrlr.OfflineTxForUnknownIdEnabled": Effect(charges_offline, {"true": True, "false": False}, booted()),
    "AuthCtrlr.MasterPassGroupId": Effect(master_pass_ends, {GROUP: True, "ANOTHER": False}, booted()),
    "AuthCtrlr.DisableRemoteAuthorization": Effect(asked, {"true": 0, "false": 1}, booted()),
    "AuthCacheCtrlr.Enabled": Effect(asked_again, {"true": 0, "false": 1}, booted(variables=PRE)),
    "AuthCacheCtrlr.LifeTime": Effect(asked_later, {"10": 1, "600": 0, "0": 0}, booted(variables=PRE)),
    "AuthCacheCtrlr.DisablePostAuthorize": Effect(
        asked_about_a_blocked_one, {"true": 0, "false": 1}, booted(variables=PRE)
    ),
    "LocalAuthListCtrlr.Enabled": Effect(asked, {"true": 0, "false": 1}, with_list("Accepted")),
    "LocalAuthListCtrlr.DisablePostAuthorize": Effect(asked, {"true": 0, "false": 1}, with_list("Blocked")),
}
