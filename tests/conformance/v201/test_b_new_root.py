"""Block B: migration to a CSMS that another root vouches for, on real sockets with TLS (B10, M05)."""

from pathlib import Path

import pytest

from tests.certificates import Authority
from tests.chargepoint.secure import active_slot, csms_of, install, migrate, restarted, started, told
from tests.support.patience import until


@pytest.mark.case("TC_B_50_CS")
@pytest.mark.req("B09.FR.01", "B10.FR.01", "B10.FR.04", "M05.FR.02")
async def test_tc_b_50_cs_success_new_csms_root(version: str, tmp_path: Path) -> None:
    old_root, new_root = Authority("Old Root"), Authority("New Root")
    async with csms_of(old_root, tmp_path) as old, csms_of(new_root, tmp_path, "new") as new:
        first = await started(tmp_path, old.url, version, old_root)
        assert await install(old, version, new_root) == "Accepted"
        await migrate(old, new.url)
        second = await restarted(first, tmp_path, old.url, version, old_root)
        assert second.agent.describe().link.url == new.url
        (boot,) = told(new, "BootNotification")
        assert boot["reason"] == "RemoteReset"
        await until(lambda: len(told(new, "StatusNotification")) >= 2)
        assert {status["connectorStatus"] for status in told(new, "StatusNotification")} == {"Available"}
        assert await active_slot(new) == "1"
        assert [details for name, details in second.events if name == "link" and details["level"] > 20] == []
        await second.agent.stop()
