"""What comes over the wire: numbers exactly, everything else refused by its form."""

import json
import math
import os
import random
import socket
import struct
import threading
import time

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adcourse.grading.marking.wire import (
    Channel,
    Closed,
    Garbled,
    Late,
    Outputs,
    clean,
    pack_call,
    pack_plain,
    pack_words,
    pair,
    unpack_call,
    unpack_complaint,
    unpack_plain,
    unpack_words,
)
from adcourse.grading.plain import BITS, LIMIT, Plain, plain

NUMBERS = st.one_of(
    st.floats(),
    st.complex_numbers().filter(lambda z: z.imag != 0),
    st.integers(-(2 ** (BITS - 1)), 2 ** (BITS - 1)).filter(lambda n: abs(n) > 2**53),
)


def same(a, b):
    return repr(a) == repr(b)  # nan, signed zeros, the type of each number


@given(st.lists(NUMBERS, max_size=24))
def test_numbers_arrive_as_they_were_sent(numbers):
    answer = Plain((len(numbers),), tuple(numbers))
    assert same(unpack_plain(pack_plain(answer)), answer)


@pytest.mark.parametrize(
    "answer",
    [0.0, -0.0, math.nan, [], [[]], [[1.0, 2.0], [3.0, 4.0]], 1 + 2j, [1j, 2.0], 10**300, [-(10**40), 1j, 0.5], True],
)
def test_what_plain_reads_arrives(answer):
    assert same(unpack_plain(pack_plain(plain(answer))), plain(answer))


@given(st.binary(max_size=200))
def test_any_bytes_are_numbers_or_garbled(data):
    try:
        answer = unpack_plain(data)
    except Garbled:
        return
    assert math.prod(answer.shape) == len(answer.numbers) <= LIMIT
    assert all(type(number) in (float, complex, int) for number in answer.numbers)
    assert answer.cost == ()


@pytest.mark.parametrize("seed", range(20))
def test_a_changed_byte_gives_numbers_or_garbled(seed):
    rng = random.Random(seed)
    data = bytearray(pack_plain(Plain((2, 3), (1.0, 2j, 3.0, 10**50, math.nan, math.inf))))
    for _ in range(200):
        changed = bytearray(data)
        for _ in range(rng.randint(1, 4)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        del changed[rng.randrange(len(changed)) if rng.random() < 0.2 else len(changed) :]
        try:
            answer = unpack_plain(bytes(changed))
        except Garbled:
            continue
        assert math.prod(answer.shape) == len(answer.numbers) <= LIMIT


HOSTILE = {
    "too many numbers": struct.pack("<B2I?", 2, 1 << 20, 1 << 20, False),
    "a shape whose product is out of this world": struct.pack("<B16I?", 16, *[2**32 - 1] * 16, True),
    "too many dimensions": struct.pack("<B200I?", 200, *[1] * 200, False) + bytes(8),
    "too few numbers": struct.pack("<BI?d", 1, 2, False, 1.0),
    "too many": struct.pack("<BI?3d", 1, 2, False, 1.0, 2.0, 3.0),
    "an integer for no place": struct.pack("<BI?d", 1, 1, False, 0.0) + struct.pack("<IHB", 7, 1, 1),
    "an integer that breaks off": struct.pack("<BI?d", 1, 1, False, 0.0) + struct.pack("<IHB", 0, 9, 1),
    "an integer beyond all bounds": struct.pack("<BI?d", 1, 1, False, 0.0)
    + struct.pack("<IH", 0, 60000)
    + bytes(60000),
    "nothing": b"",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_forms_that_do_not_fit_are_refused(name):
    with pytest.raises(Garbled):
        unpack_plain(HOSTILE[name])


def test_a_small_integer_by_the_back_door_becomes_a_float():
    data = struct.pack("<BI?d", 1, 1, False, 0.0) + struct.pack("<IHB", 0, 1, 5)
    assert same(unpack_plain(data), Plain((1,), (5.0,)))


@given(st.lists(st.lists(NUMBERS, max_size=4), max_size=5), st.integers(0, 255))
def test_a_call_arrives(args, place):
    args = [Plain((len(numbers),), tuple(numbers)) for numbers in args]
    assert same(unpack_call(pack_call(place, tuple(args))), (place, args))


@given(st.binary(max_size=100))
def test_any_bytes_are_a_call_or_garbled(data):
    try:
        _, args = unpack_call(data)
    except Garbled:
        return
    assert all(isinstance(arg, Plain) for arg in args)


@pytest.mark.parametrize("data", [b"[" * 10**6, b"3", b"\xff", b"{", b'"x"', b"9" * 10**5, b"{}x", b"NaN"])
def test_words_that_are_no_object_are_refused(data):
    with pytest.raises(Garbled):
        unpack_words(data)


@given(st.text())
def test_clean_text_can_be_stored_and_has_no_tricks(text):
    kept = clean(text + "\ud800\x1b[31m\u202e\x00\r\n", 10**4)
    assert kept.encode().decode() == kept
    assert not set(kept) & set("\x1b\u202e\x00\r\ud800")
    assert len(clean(text * 9, 5)) <= 5


def test_a_complaint_is_text_alone():
    assert unpack_complaint(pack_words(text="x" * 10**5, kind="k")).text == "x" * 500
    for words in ({"text": 3}, {"text": ["x"]}, {"kind": {"a": 1}}, {"detail": None}):
        with pytest.raises(Garbled):
            unpack_complaint(pack_words(**words))


# --- outputs -------------------------------------------------------------------------------------------------------

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def outputs(*sent, text=1000, image=10**5):
    kept = Outputs(text, image)
    for words in sent:
        kept.add(json.dumps(words).encode())
    return kept.list


def test_outputs_keep_text_and_pictures_alone():
    data = {"text/plain": "x", "text/html": "<script>", "image/png": PNG, "image/svg+xml": "<svg>", "a": {"b": 1}}
    (kept,) = outputs({"output_type": "execute_result", "data": data, "execution_count": 3, "metadata": {"x": 1}})
    assert kept["data"] == {"text/plain": "x", "image/png": PNG}
    assert (kept["metadata"], kept["execution_count"]) == ({}, 3)


def test_what_nbformat_asks_for():
    said = outputs(
        {"output_type": "stream", "name": "stdout", "text": "a\n"},
        {"output_type": "stream", "name": "stdout", "text": "b\n"},
        {"output_type": "display_data", "data": {"text/plain": "x", "image/png": PNG}},
        {"output_type": "execute_result", "data": {"text/plain": "3"}, "execution_count": "evil"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["\x1b[31mline\x1b[0m"]},
        {"output_type": "stream", "name": "stderr", "text": "x" * 5000},
    )
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.from_dict(output) for output in said])
    nbformat.validate(nbformat.v4.new_notebook(cells=[cell]))
    assert said[0]["text"] == "a\nb\n"
    assert said[3]["traceback"] == ["line"]


@pytest.mark.parametrize(
    "picture", ["", "<svg>", "data:image/png;base64,x", 3, None, ["x"], PNG[4:], "é", PNG + "\n<script>"]
)
def test_a_picture_that_is_none_is_left_out(picture):
    sent = {"output_type": "display_data", "data": {"text/plain": "x", "image/png": picture}}
    assert outputs(sent)[0]["data"] == {"text/plain": "x"}


@pytest.mark.parametrize(
    "sent",
    [
        {"output_type": "stream", "name": "stdout", "text": "x" * 300},
        {"output_type": "display_data", "data": {"text/plain": "x" * 300}},
        {"output_type": "display_data", "data": {"text/plain": "", "image/png": PNG}},
        {"output_type": "error", "ename": "", "evalue": "", "traceback": []},
        {"output_type": "error", "ename": "n" * 10**4, "evalue": "v" * 10**4, "traceback": ["t" * 100] * 100},
        {"output_type": "cut"},
    ],
)
def test_outputs_are_bounded_whatever_comes(sent):
    kept = outputs(*[sent] * 2000, text=1000, image=3000)
    assert len(json.dumps(kept)) < 60_000
    assert any("more was shown" in output.get("text", "") for output in kept)


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"output_type": "x"},
        {"output_type": ["stream"]},
        {"output_type": "stream", "name": "evil", "text": "x"},
        {"output_type": "stream", "name": "stdout"},
        {"output_type": "stream", "name": "stdout", "text": 3},
        {"output_type": "display_data"},
        {"output_type": "display_data", "data": {"text/plain": {"x": 1}}},
        {"output_type": "error", "ename": "x", "evalue": "y", "traceback": "z"},
        {"output_type": "error", "ename": "x", "evalue": "y", "traceback": [3]},
        {"output_type": "error", "ename": 3, "evalue": "y", "traceback": []},
    ],
)
def test_outputs_of_another_form_are_refused(words):
    with pytest.raises(Garbled):
        outputs(words)


# --- frames --------------------------------------------------------------------------------------------------------


def soon():
    return time.monotonic() + 0.2


@pytest.fixture
def ends():
    ours, theirs = pair()
    yield ours, theirs
    ours.close()
    theirs.close()


@pytest.mark.parametrize("size", [0, 1, 1000, 1_000_000])
def test_frames_arrive_whole_and_in_order(ends, size):
    ours, theirs = ends
    frames = [(b"A", bytes([k]) * size) for k in range(3)]
    sender = threading.Thread(target=lambda: [Channel(theirs).send(*frame) for frame in frames])
    sender.start()
    assert [ours.receive(time.monotonic() + 10) for _ in frames] == frames
    sender.join()


def test_a_frame_longer_than_allowed_is_not_even_read(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("<IB", 2**32 - 1, 65))
    with pytest.raises(Garbled):
        ours.receive(soon())


@pytest.mark.parametrize("part", [b"", b"\x05", struct.pack("<IB", 5, 65) + b"abc"])
def test_silence_is_late_and_an_end_is_closed(ends, part):
    ours, theirs = ends
    theirs.sendall(part)
    with pytest.raises(Late):
        ours.receive(soon())
    theirs.close()
    with pytest.raises(Closed):
        ours.receive(soon())


def test_drop_by_drop_does_not_stretch_the_deadline(ends):
    ours, theirs = ends
    theirs.sendall(struct.pack("<IB", 10**6, 65))
    start = time.monotonic()
    stop = threading.Event()
    dripping = threading.Thread(target=lambda: [theirs.send(b"x") for _ in iter(lambda: stop.wait(0.01), True)])
    dripping.start()
    with pytest.raises(Late):
        ours.receive(start + 0.3)
    stop.set()
    dripping.join()
    assert time.monotonic() - start < 2


def test_nobody_reads(ends):
    ours, _ = ends
    with pytest.raises(Late):
        ours.send(b"X", bytes(10**7), soon())


def test_file_descriptors_travel_inwards_and_none_outwards(ends):
    ours, theirs = ends
    there = Channel(theirs)
    here = os.open(os.devnull, os.O_RDONLY)
    ours.send(b"C", b"abc", soon(), [here])
    tag, body, fds = there.receive_with_fds(1)
    assert (tag, body, len(fds)) == (b"C", b"abc", 1)
    before = len(os.listdir("/proc/self/fd"))
    socket.send_fds(theirs, [struct.pack("<IB", 1, 65) + b"x"], [here] * 50)
    assert ours.receive(soon()) == (b"A", b"x")
    assert len(os.listdir("/proc/self/fd")) == before
    for fd in (here, *fds):
        os.close(fd)
