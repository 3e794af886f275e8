"""The conversation with a PN532, byte by byte, without a port and without a clock."""

from hypothesis import given
from hypothesis import strategies as st

from hal.reader.pn532_frame import ACK, NACK, WAKE_UP, Frame, FrameKind, FrameParser, encode_frame
from hal.reader.pn532_session import CardRemoved, CardSeen, Pn532Session, ReaderLost, ReaderReady, SessionEvent

SAM, FIRMWARE, RETRIES, POLL, FIELD_OFF = "d414011401", "d402", "d43205ff0102", "d44a0100", "d4320100"
SYNTAX_ERROR = encode_frame(b"\x7f")


def listed(uid: str) -> str:
    """Write the answer to a poll that found a card."""
    return "d54b01" + "01000408" + f"{len(uid) // 2:02x}" + uid


class Bench:
    """A session, its clock, and the person who plays the reader."""

    def __init__(self) -> None:
        self.now = 100.0
        self.session = Pn532Session(poll_interval_second=0.25, silence_second=3.0)

    def sent(self) -> str:
        """Give the command that the session sent, in hexadecimal digits."""
        frames = FrameParser().feed(self.session.data_to_send())
        return ",".join(frame.data.hex() or frame.kind.value for frame in frames)

    def hears(self, data: bytes) -> None:
        self.session.receive(data, self.now)

    def answers(self, answer: str) -> None:
        """Acknowledge the command and answer it."""
        self.hears(ACK + encode_frame(bytes.fromhex(answer)))

    def waits(self) -> None:
        """Let the deadline come."""
        assert self.session.deadline is not None
        self.now = max(self.now, self.session.deadline)
        self.session.timed_out(self.now)

    def sets_up(self) -> None:
        """Go through the whole set-up to the answer to the first poll."""
        self.session.connected(self.now)
        for command, answer in ((SAM, "d515"), (FIRMWARE, "d50332010607"), (RETRIES, "d533"), (POLL, "d54b00")):
            assert self.sent() == command
            self.answers(answer)
        assert self.events() == [ReaderReady("1.6")]

    def polls(self, answer: str) -> None:
        """Answer the next poll."""
        self.waits()
        assert self.sent() == POLL
        self.answers(answer)
        if answer != "d54b00":
            assert self.sent() == FIELD_OFF
            self.answers("d533")

    def events(self) -> list[SessionEvent]:
        return self.session.events()


def test_a_sleeping_reader_is_woken_before_the_first_command() -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    assert bench.session.data_to_send().startswith(WAKE_UP)


def test_set_up_and_a_poll_every_quarter_of_a_second() -> None:
    bench = Bench()
    bench.sets_up()
    assert bench.session.deadline == bench.now + 0.25
    assert bench.sent() == ""
    bench.waits()
    assert bench.sent() == POLL


def test_cards_of_4_7_and_10_bytes_keep_their_length() -> None:
    bench = Bench()
    bench.sets_up()
    for uid in ("04a1b2c3", "00a1b2c3d4e5f6", "0102030405060708090a"):
        bench.polls(listed(uid))
        assert bench.events() == [CardSeen(bytes.fromhex(uid))]


def test_an_answer_to_select_behind_the_uid_is_no_part_of_it() -> None:
    bench = Bench()
    bench.sets_up()
    bench.polls(listed("04a1b2c3d4e5f6") + "067577810280")
    assert bench.events() == [CardSeen(bytes.fromhex("04a1b2c3d4e5f6"))]


def test_a_card_is_gone_after_two_empty_polls() -> None:
    bench = Bench()
    bench.sets_up()
    bench.polls(listed("04a1b2c3"))
    bench.events()
    bench.polls("d54b00")
    assert bench.events() == []  # one miss is a card at the edge of the field
    bench.polls(listed("04a1b2c3"))
    bench.events()
    bench.polls("d54b00")
    bench.polls("d54b00")
    assert bench.events() == [CardRemoved()]
    bench.polls("d54b00")
    assert bench.events() == []


def test_an_impossible_uid_is_no_card() -> None:
    bench = Bench()
    bench.sets_up()
    for answer in ("d54b01", "d54b0101000408", "d54b010100040805" + "0102030405", "d54b010100040807" + "0102"):
        bench.polls(answer)
    assert bench.events() == []


def test_a_command_without_ack_is_sent_three_times() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    for _ in range(3):
        assert bench.sent() == POLL
        bench.waits()
    assert bench.sent() == f"ack,{SAM}"  # aborts, wakes and sets up anew
    assert bench.events() == []


def test_a_reader_that_lost_its_power_is_set_up_again_before_anybody_notices() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    bench.hears(ACK)  # as after power up: polls without end
    bench.waits()
    assert bench.sent() == f"{POLL},ack,{SAM}"
    for answer in ("d515", "d50332010607", "d533", "d54b00"):
        bench.answers(answer)
    assert bench.events() == []


def test_a_nack_has_the_command_sent_again() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    bench.sent()
    bench.hears(NACK)
    assert bench.sent() == POLL
    bench.answers("d54b00")
    assert bench.session.deadline == bench.now + 0.25


def test_a_damaged_answer_is_asked_for_again_and_not_without_end() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    assert bench.sent() == POLL
    good = encode_frame(bytes.fromhex(listed("04a1b2c3")))
    bad = good[:-3] + bytes((good[-3] ^ 1,)) + good[-2:]
    bench.hears(ACK + bad)
    assert bench.sent() == "nack"
    bench.hears(good)
    assert bench.events() == [CardSeen(bytes.fromhex("04a1b2c3"))]
    assert bench.sent() == FIELD_OFF
    bench.hears(ACK + bad + bad + bad)
    assert bench.sent() == f"nack,nack,ack,{SAM}"


def test_an_answer_whose_ack_was_lost_counts() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    bench.hears(encode_frame(bytes.fromhex(listed("04a1b2c3"))))
    assert bench.events() == [CardSeen(bytes.fromhex("04a1b2c3"))]


def test_an_answer_that_hides_behind_noise_is_found_at_the_deadline() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    bench.sent()
    bench.hears(
        ACK + b"\x00\xff\x40\xc0" + encode_frame(bytes.fromhex(listed("04a1b2c3")))
    )  # a start that promises 64 bytes
    assert bench.events() == []
    bench.waits()
    assert bench.events() == [CardSeen(bytes.fromhex("04a1b2c3"))]
    assert bench.sent() == FIELD_OFF


def test_answers_to_other_commands_and_late_ones_are_ignored() -> None:
    bench = Bench()
    bench.sets_up()
    bench.hears(encode_frame(bytes.fromhex(listed("04a1b2c3"))))  # nothing was asked
    assert bench.events() == []
    bench.waits()
    assert bench.sent() == POLL
    bench.hears(ACK + encode_frame(bytes.fromhex("d533")) + encode_frame(b"\xd5") + encode_frame(b"\xd4\x4b"))
    assert bench.sent() == ""
    bench.hears(encode_frame(bytes.fromhex("d54b00")))
    bench.waits()
    assert bench.sent() == POLL


def test_a_syntax_error_starts_over() -> None:
    bench = Bench()
    bench.sets_up()
    bench.waits()
    bench.sent()
    bench.hears(ACK + SYNTAX_ERROR)
    assert bench.sent() == f"ack,{SAM}"


def test_a_silent_reader_is_lost_once_and_tried_for_ever() -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    began = bench.now
    events: list[tuple[float, SessionEvent]] = []
    while bench.now < began + 60:
        bench.waits()
        events += [(bench.now - began, event) for event in bench.events()]
        bench.session.data_to_send()
    ((after_second, lost),) = events
    assert lost == ReaderLost("it does not answer")
    assert 3.0 <= after_second < 4.5
    while not bench.sent():
        bench.waits()
    for answer in ("d515", "d50332010607", "d533", "d54b00"):
        bench.answers(answer)
    assert bench.events() == [ReaderReady("1.6")]


def test_a_silent_reader_is_left_in_peace_between_attempts() -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    for _ in range(3):
        assert bench.sent() == SAM
        bench.waits()
    assert bench.sent() == "ack"
    assert bench.session.deadline == bench.now + 0.5


def test_a_reader_that_only_acknowledges_is_lost() -> None:
    bench = Bench()
    bench.sets_up()
    bench.polls(listed("04a1b2c3"))
    bench.events()
    events: list[SessionEvent] = []
    began = bench.now
    while not events and bench.now < began + 60:
        bench.waits()
        bench.hears(ACK)
        events = bench.events()
    assert events == [CardRemoved(), ReaderLost("it does not answer")]


def test_a_reader_that_is_set_up_but_never_answers_a_poll_is_lost() -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    began = bench.now
    answers = {SAM: "d515", FIRMWARE: "d50332010607", RETRIES: "d533"}
    events: list[SessionEvent] = []
    while not events and bench.now < began + 60:
        command = bench.sent().split(",")[-1]
        if command in answers:
            bench.answers(answers[command])
        else:
            bench.waits()
        events = bench.events()
    assert events == [ReaderLost("it does not answer")]


def test_something_that_is_no_pn532_is_said_to_be_none() -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    bench.answers("d515")
    bench.answers("d50307010607")  # a PN533
    assert bench.events() == [ReaderLost("it is no PN532")]
    bench.sent()
    bench.waits()
    assert bench.sent() == SAM


def test_a_lost_port_ends_the_presence_of_a_card() -> None:
    bench = Bench()
    bench.sets_up()
    bench.polls(listed("04a1b2c3"))
    bench.events()
    bench.session.disconnected()
    assert bench.events() == [CardRemoved()]
    assert bench.session.deadline is None
    bench.hears(ACK)
    bench.session.timed_out(bench.now + 10)
    assert bench.sent() == ""
    bench.sets_up()


def test_a_deadline_that_has_not_come_changes_nothing() -> None:
    bench = Bench()
    bench.sets_up()
    bench.session.timed_out(bench.now)
    assert bench.sent() == ""


@given(
    st.lists(
        st.one_of(
            st.sampled_from([ACK, NACK, SYNTAX_ERROR]),
            st.sampled_from(["d515", "d50332010607", "d533", "d54b00", listed("04a1b2c3")]).map(
                lambda answer: encode_frame(bytes.fromhex(answer))
            ),
            st.binary(max_size=20),
            st.just(None),
        ),
        max_size=80,
    )
)
def test_whatever_comes_it_never_fails_and_always_goes_on(story: list[bytes | None]) -> None:
    bench = Bench()
    bench.session.connected(bench.now)
    bench.sent()
    for part in story:
        if part is None:
            bench.waits()
        else:
            bench.hears(part)
        assert bench.session.deadline is not None
        frames = FrameParser().feed(bench.session.data_to_send())
        assert all(frame.kind in (FrameKind.ACK, FrameKind.NACK) or frame.data[0] == 0xD4 for frame in frames)
        assert frames.count(Frame(FrameKind.NACK)) <= 3
