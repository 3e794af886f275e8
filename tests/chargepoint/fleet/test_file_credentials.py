"""Who the stations are and how they prove it: CSV files, patterns of passwords and certificates."""

from pathlib import Path

import pytest

from chargepoint.config.problem import ConfigurationError
from chargepoint.fleet.file import load_fleet
from chargepoint.fleet.plan import Credentials, Plan

TOP = '[[csms]]\nurl = "ws://h"\n[[group]]\ncredentials_file = "stations.csv"\n'
TLS = '[[csms]]\nurl = "wss://h"\n[[group]]\ncount = 2\n'


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def plan_of(text: str, *settings: str, environ: dict[str, str] | None = None) -> Plan:
    Path("fleet.toml").write_text(text)
    return load_fleet("fleet.toml", settings=settings, environ=environ or {}).plan


def complaints(text: str, *settings: str) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        plan_of(text, *settings)
    return [str(problem).replace(f"{Path.cwd()}/", "") for problem in caught.value.problems]


def test_each_row_is_a_station() -> None:
    Path("stations.csv").write_bytes(b"\xef\xbb\xbfid, password\r\nA-1,one\r\n\r\nA-2,two\r\nB,\r\n")
    plan = plan_of(TOP)
    assert plan.count == 3
    assert [(station.id, station.credentials) for station in plan.stations()] == [
        ("A-1", Credentials(password="one")),
        ("A-2", Credentials(password="two")),
        ("B", Credentials()),
    ]


def test_only_the_first_rows_are_taken_when_fewer_are_asked_for() -> None:
    Path("stations.csv").write_text("id,password\nA,1\nB,2\nC,3\n")
    assert [station.id for station in plan_of(TOP, "group.1.count=2").stations()] == ["A", "B"]


def test_identities_alone_have_no_credentials() -> None:
    Path("stations.csv").write_text("id\nA\nB\n")
    plan = plan_of(TOP)
    assert [(station.id, station.credentials) for station in plan.stations()] == [("A", None), ("B", None)]
    assert plan.groups[0].credentials == ()


def test_paths_in_a_csv_file_count_from_its_folder() -> None:
    Path("secrets").mkdir()
    for name in ("a.pem", "a.key"):
        Path("secrets", name).touch()
    Path("secrets/stations.csv").write_text("id,client_certificate,client_key\nA,a.pem,a.key\n")
    text = TOP.replace("ws://", "wss://").replace("stations.csv", "secrets/stations.csv")
    (station,) = plan_of(text).stations()
    folder = Path.cwd() / "secrets"
    assert station.credentials == Credentials(
        client_certificate=str(folder / "a.pem"), client_key=str(folder / "a.key")
    )


@pytest.mark.parametrize(
    ("rows", "complaint"),
    [
        (
            "password\nx\n",
            "stations.csv:1: the column id is missing: expected a header with some of id, password, client_certificate, client_key",
        ),
        ("", "stations.csv:1: is empty: expected a header with some of id, password, client_certificate, client_key"),
        ("id,pasword\nA,x\n", 'stations.csv:1: there is no column "pasword"; did you mean password?'),
        (
            "id,zzz\nA,x\n",
            'stations.csv:1: there is no column "zzz"; the columns are id, password, client_certificate, client_key',
        ),
        ("id,id\nA,B\n", "stations.csv:1: the column id is there twice"),
        ("id,password\nA,x\nB\n", "stations.csv:3: has 1 fields: expected 2, as in the header"),
        ("id\nA\nB\nA\n", 'stations.csv:4: "A" stands in line 2 already'),
        ("id,password\n,x\n", "stations.csv:2: the identity is empty"),
        ("id\nA/B\n", 'stations.csv:2: the identity "A/B" contains /, which OCPP forbids'),
        (
            f"id\n{'A' * 49}\n",
            f'stations.csv:2: the identity "{"A" * 49}" has 49 characters: expected at most 48',
        ),
        ('id\n"A\n', "stations.csv:2: is no CSV: unexpected end of data"),
        (
            "id,client_certificate,client_key\nA,a.pem,\n",
            "stations.csv:2: client_key is missing: a client certificate and its key belong together",
        ),
        (
            "id,client_certificate,client_key\nA,a.pem,a.key\n",
            "fleet.toml:4: group.1.credentials_file: there is no file a.pem\n"
            "fleet.toml:4: group.1.credentials_file: there is no file a.key\n"
            "fleet.toml:3: group.1 at ws://h: security profile 3 needs TLS: csms.url must start with wss://",
        ),
        ("id\n", "fleet.toml:4: group.1.credentials_file: stations.csv has no stations below its header"),
    ],
    ids=lambda text: text[:30].replace("\n", "|"),
)
def test_a_wrong_csv_file_is_one_sentence_with_its_line(rows: str, complaint: str) -> None:
    Path("stations.csv").write_text(rows)
    assert sorted(complaints(TOP)) == sorted(complaint.split("\n"))


def test_a_csv_file_that_is_wrong_in_every_row_is_told_briefly() -> None:
    Path("stations.csv").write_text("id\n" + "A/B\n" * 500)
    found = complaints(TOP)
    assert found == [
        *(f'stations.csv:{line}: the identity "A/B" contains /, which OCPP forbids' for line in range(2, 12)),
        "fleet.toml:4: group.1.credentials_file: 490 more lines are wrong",
    ]


def test_a_csv_file_that_cannot_be_read_is_said_so() -> None:
    assert complaints(TOP) == ["fleet.toml:4: group.1.credentials_file: there is no file stations.csv"]
    Path("stations.csv").write_bytes(b"id\n\xff\n")
    assert complaints(TOP) == ["fleet.toml:4: group.1.credentials_file: stations.csv is not UTF-8 (byte 3)"]
    Path("stations.csv").unlink()
    Path("stations.csv").mkdir()
    assert complaints(TOP) == ["fleet.toml:4: group.1.credentials_file: stations.csv cannot be read: Is a directory"]


def test_too_few_rows_and_patterns_beside_a_file_are_refused() -> None:
    Path("stations.csv").write_text("id\nA\nB\n")
    assert complaints(TOP + "count = 3\n") == ["fleet.toml:5: group.1.count is 3: stations.csv has only 2 stations"]
    assert complaints(TOP + 'id = "X{n}"\npassword = "x"\n') == [
        "fleet.toml:5: group.1.id has no use here: credentials_file says who the stations are",
        "fleet.toml:6: group.1.password has no use here: credentials_file says who the stations are",
    ]


def test_identities_of_a_file_and_of_a_pattern_may_not_meet() -> None:
    Path("stations.csv").write_text("id\nX\nCP00002\n")
    assert complaints(TOP + "[[group]]\ncount = 3\n") == [
        'fleet.toml:5: group.2 and group.1 both have the identity "CP00002"; give one of them another id or first'
    ]
    assert plan_of(TOP + "[[group]]\ncount = 3\nfirst = 3\n").count == 5


def test_certificates_by_pattern_count_from_the_folder_of_the_file() -> None:
    Path("certs").mkdir()
    for name in ("CP00001", "CP00002"):
        Path("certs", f"{name}.pem").touch()
        Path("certs", f"{name}.key").touch()
    text = TLS + 'client_certificate = "certs/{id}.pem"\nclient_key = "certs/{id}.key"\n'
    first, second = (station.credentials for station in plan_of(text).stations())
    assert first is not None
    assert second is not None
    assert first.client_certificate == str(Path.cwd() / "certs/CP00001.pem")
    assert second.client_key == str(Path.cwd() / "certs/CP00002.key")
    Path("certs/CP00002.key").unlink()
    assert complaints(text) == ["fleet.toml:6: group.1.client_key: there is no file certs/CP00002.key"]
    assert complaints(text, "group.1.count=4") == [
        "fleet.toml:5: group.1.client_certificate: there is no file certs/CP00003.pem, nor 1 more",
        "fleet.toml:6: group.1.client_key: there is no file certs/CP00002.key, nor 2 more",
    ]


def test_a_folder_with_braces_in_its_name_is_no_pattern(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "{n}"
    folder.mkdir()
    monkeypatch.chdir(folder)
    Path("c.pem").touch()
    text = TLS + 'client_certificate = "c.pem"\nclient_key = "c.pem"\n'
    files = {station.credentials.client_certificate for station in plan_of(text).stations() if station.credentials}
    assert files == {str(folder / "c.pem")}


def test_the_environment_may_know_the_password_of_all() -> None:
    text = '[[csms]]\nurl = "ws://h"\n[[group]]\ncount = 1\n[template.a.csms]\nsecurity_profile = 1\n'
    assert complaints(text) == [
        'fleet.toml:3: group.1: security profile 1 needs a password: set password = "…-{id}", a credentials_file, or '
        "template.a.csms.password_file"
    ]
    assert plan_of(text, environ={"CHARGEPOINT_CSMS_PASSWORD": "x"}).count == 1


def test_a_password_that_only_some_have_is_told() -> None:
    Path("stations.csv").write_text("id,password\nA,x\nB,\n")
    assert complaints(TOP + "[template.a.csms]\nsecurity_profile = 1\n") == [
        'fleet.toml:3: group.1: security profile 1 needs a password: set password = "…-{id}", a credentials_file, or '
        "template.a.csms.password_file"
    ]
