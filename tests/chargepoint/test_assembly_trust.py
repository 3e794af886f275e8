"""Whom a whole station trusts: the roots of its configuration and those that the CSMS has installed, on real sockets with TLS."""

from pathlib import Path

import pytest

from chargepoint.csms import Csms
from tests.certificates import Authority
from tests.chargepoint.secure import STATION, active_slot, csms_of, install, migrate, restarted, root_use, started
from tests.chargepoint.test_assembly import Watched
from tests.support.patience import until

VERSIONS = ("1.6", "2.0.1", "2.1")


async def connected_to(watched: Watched, url: str) -> None:
    def connected() -> bool:
        link = watched.agent.describe().link
        return link.state == "connected" and link.url == url

    await until(connected)


async def hashes(csms: Csms, version: str) -> list[dict[str, str]]:
    """certificateHashData of the CSMS roots."""
    if version == "1.6":
        answer = await csms.call(STATION, "GetInstalledCertificateIds", {"certificateType": root_use(version)})
        return list(answer.get("certificateHashData", ()))
    answer = await csms.call(STATION, "GetInstalledCertificateIds", {"certificateType": [root_use(version)]})
    return [chain["certificateHashData"] for chain in answer.get("certificateHashDataChain", ())]


async def delete_first(csms: Csms, version: str) -> str:
    data = (await hashes(csms, version))[0]
    return str((await csms.call(STATION, "DeleteCertificate", {"certificateHashData": data}))["status"])


@pytest.mark.parametrize("version", ["2.0.1", "2.1"])
@pytest.mark.req("B10.FR.03")
async def test_a_csms_that_no_root_vouches_for_is_left_for_the_old_one(version: str, tmp_path: Path) -> None:
    """What was installed is not the root of the new CSMS: the connection fails, and the old profile and its root still hold."""
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    async with csms_of(old_root, tmp_path) as old, csms_of(new_root, tmp_path, "new") as new:
        first = await started(tmp_path, old.url, version, old_root)
        assert await install(old, version, Authority("Neither")) == "Accepted"
        await migrate(old, new.url)
        second = await restarted(first, tmp_path, old.url, version, old_root)
        assert second.agent.describe().link.url == old.url
        assert STATION not in new.stations
        await second.until("security_event", kind="InvalidCsmsCertificate")
        assert await active_slot(old) == "0"
        await second.agent.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_csms_may_change_its_root_after_it_has_installed_the_new_one(version: str, tmp_path: Path) -> None:
    """The present connection stays; the next one, and the one after a restart, may stand on either root."""
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    async with csms_of(old_root, tmp_path) as old:
        watched = await started(tmp_path, old.url, version, old_root)
        assert await install(old, version, new_root) == "Accepted"
        assert old.connected(STATION)
        url, port = old.url, old.port
    async with csms_of(new_root, tmp_path, "new", port) as new:
        await connected_to(watched, url)
        await until(lambda: STATION in new.stations)
        await watched.agent.stop()
        again = await started(tmp_path, url, version, old_root)
        await again.agent.stop()
    async with csms_of(old_root, tmp_path, "old", port):
        again = await started(tmp_path, url, version, old_root)
        await again.agent.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_the_root_that_vouches_for_the_connection(version: str, tmp_path: Path) -> None:
    """1.6 security M04.FR.06: it stays. In 2.x it may go, and the connection that is there stays (M04)."""
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    async with csms_of(old_root, tmp_path) as old:
        watched = await started(tmp_path, old.url, version, old_root)
        assert await install(old, version, new_root) == "Accepted"
        assert await delete_first(old, version) == "Accepted", "the present connection stands on the root of the file"
        assert await install(old, version, new_root) == "Accepted"
        url, port = old.url, old.port
    async with csms_of(new_root, tmp_path, "new", port) as new:
        await connected_to(watched, url)
        await until(lambda: STATION in new.stations)
        assert await delete_first(new, version) == ("Failed" if version == "1.6" else "Accepted")
        assert len(await hashes(new, version)) == (1 if version == "1.6" else 0)
        new.drop(STATION)
        if version == "1.6":
            await connected_to(watched, url)
        else:  # nobody vouches for it any more
            await watched.until("security_event", kind="InvalidCsmsCertificate")
        await watched.agent.stop()


@pytest.mark.parametrize("version", VERSIONS)
async def test_intermediates_below_an_installed_root(version: str, tmp_path: Path) -> None:
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    below = Authority("Below", signed_by=new_root)
    async with csms_of(old_root, tmp_path) as old:
        watched = await started(tmp_path, old.url, version, old_root)
        assert await install(old, version, below) == "Rejected"
        assert await install(old, version, new_root) == "Accepted"
        url, port = old.url, old.port
    async with csms_of(below, tmp_path, "new", port) as new:
        await connected_to(watched, url)
        await until(lambda: STATION in new.stations)
        # the root at the end of the chain that was sent and verified
        assert await delete_first(new, version) == ("Failed" if version == "1.6" else "Accepted")
        await watched.agent.stop()
