"""However an answer is typed, it is understood as one thing or not at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.reading import choose
from dialogs.steps import Option

SCALE = tuple(
    Option(str(n), label, str(n), words)
    for n, (label, words) in enumerate(
        [
            ("完全沒有", ("沒有", "不會")),
            ("輕微", ("一點",)),
            ("中等程度", ()),
            ("厲害", ("嚴重",)),
            ("非常厲害", ()),
        ]
    )
)
PLACES = tuple(
    Option(value, label, str(n))
    for n, (value, label) in enumerate([("talk", "面談"), ("phone", "電話"), ("video", "視訊")], 1)
)
ENGLISH = tuple(
    Option(str(n), label, str(n))
    for n, label in enumerate(["Not at all", "A little", "Moderately", "Quite a bit", "Extremely"])
)


@pytest.mark.parametrize(
    "typed, value",
    [
        ("2", "2"), ("２", "2"), (" 2 ", "2"), ("2.", "2"), ("2、", "2"), ("(2)", "2"), ("②", "2"),
        ("2️⃣", "2"),
        ("二", "2"), ("兩", "2"), ("零", "0"), ("０", "0"), ("2分", "2"), ("我選2", "2"), ("選 2", "2"),
        ("答案是2", "2"),
        ("第二個", "1"), ("第2個", "1"), ("第五個", "4"), ("選第一個", "0"), ("第三項", "2"),
        ("中等程度", "2"), ("中等", "2"), ("中", "2"), ("２ 中等程度", "2"), ("2　中等程度", "2"),
        ("2.中等", "2"),
        ("厲害", "3"), ("非常", "4"), ("嚴重", "3"), ("沒有", "0"), ("完全沒有！", "0"), ("「輕微」", "1"),
        ("輕微。", "1"),
        ("\u200b2\u200b", "2"), ("非常 厲害", None), ("4分", "4"),
    ],
)  # fmt: skip
def test_a_number_is_the_score_and_words_are_their_label(typed: str, value: str | None) -> None:
    chosen = choose(typed, SCALE)

    assert (chosen.value if chosen else None) == value


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "5",
        "-1",
        "1 2",
        "1.5",
        "1或2",
        "2 厲害",
        "第六個",
        "第0個",
        "第2題",
        "？",
        "很",
        "😭",
        "22",
        "2" * 70,
        "還好",
        "e",
    ],
)
def test_what_could_mean_two_things_or_none_is_asked_again(typed: str) -> None:
    assert choose(typed, SCALE) is None


@pytest.mark.parametrize(
    "typed, value",
    [("1", "talk"), ("第一個", "talk"), ("電", "phone"), ("3 視訊", "video"), ("0", None), ("一", "talk")],
)
def test_other_questions_count_from_one(typed: str, value: str | None) -> None:
    chosen = choose(typed, PLACES)

    assert (chosen.value if chosen else None) == value


@pytest.mark.parametrize(
    "typed, value",
    [
        ("two", "2"),
        ("the second one", "1"),
        ("2nd", "1"),
        ("MODERATELY", "2"),
        ("quite", "3"),
        ("number 4", "4"),
        ("e", None),
    ],
)
def test_english_is_read_the_same_way(typed: str, value: str | None) -> None:
    chosen = choose(typed, ENGLISH)

    assert (chosen.value if chosen else None) == value


@given(st.text(max_size=80))
def test_whatever_is_typed_is_read_without_a_fault(typed: str) -> None:
    chosen = choose(typed, SCALE)

    assert chosen is None or chosen in SCALE
    assert choose(typed, ()) is None


@given(st.sampled_from(SCALE), st.sampled_from(["{}", " {} ", "{}。", "「{}」", "{}!"]))
def test_every_label_and_every_key_means_its_option(option: Option, around: str) -> None:
    assert choose(around.format(option.label), SCALE) == option
    assert choose(around.format(option.key), SCALE) == option
