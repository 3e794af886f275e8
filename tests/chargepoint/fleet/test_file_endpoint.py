"""What the file says of a CSMS reaches the stations that connect to it."""

from pathlib import Path
from typing import Any

from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.shard import Shard


async def test_each_csms_has_its_own_certificate_authority(tmp_path: Path) -> None:
    for name in ("own.pem", "template.pem"):
        (tmp_path / name).touch()
    file = tmp_path / "fleet.toml"
    file.write_text(
        '[[csms]]\nurl = "wss://h"\nca_file = "own.pem"\n[[csms]]\nurl = "wss://h"\n[[group]]\ncount = 2\npassword = "x"\n'
        '[template.a.csms]\nca_file = "template.pem"\n'
    )
    unused: Any = None
    shard = Shard(load_fleet(file, environ={}).plan, 0, 1, unused)
    files = [shard.configuration_of(member.plan).csms.ca_file for member in shard.members]
    assert files == [str(tmp_path / "own.pem"), str(tmp_path / "template.pem")]
