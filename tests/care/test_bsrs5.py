"""The published scale: its wording, its bands at every edge, and the last question that counts by itself."""

from __future__ import annotations

import pytest

from care.desk import Desk
from dialogs.questionnaires import Questionnaire

ITEMS = ("sleep", "tense", "irritable", "low", "inferior")


@pytest.fixture(params=["zh-Hant", "en"])
def bsrs5(request: pytest.FixtureRequest, desk: Desk) -> Questionnaire:
    return desk.context(request.param).questionnaires["bsrs5"]


def answers(total: int, thoughts: int = 0) -> dict[str, str | None]:
    """Answers that add up to the total."""
    scores = [min(4, max(0, total - 4 * n)) for n in range(5)]
    return {
        **{name: str(score) for name, score in zip(ITEMS, scores, strict=True)},
        "thoughts": str(thoughts),
    }


@pytest.mark.parametrize("total", range(21))
def test_every_total_falls_into_its_band(bsrs5: Questionnaire, total: int) -> None:
    expected = "well" if total <= 5 else "mild" if total <= 9 else "moderate" if total <= 14 else "severe"

    assert bsrs5.total(answers(total)) == total
    assert bsrs5.band(total).name == expected


@pytest.mark.parametrize(
    "total, label, advice",
    [
        (5, "身心適應狀況良好", "請繼續保持。"),
        (6, "輕度情緒困擾", "建議找家人或朋友談談，抒發情緒"),
        (9, "輕度情緒困擾", "建議找家人或朋友談談，抒發情緒"),
        (10, "中度情緒困擾", "建議尋求心理諮商或接受專業諮詢"),
        (14, "中度情緒困擾", "建議尋求心理諮商或接受專業諮詢"),
        (15, "重度情緒困擾", "需高關懷，建議尋求專業輔導或精神科治療"),
    ],
)
def test_the_published_advice_stands_at_both_sides_of_each_edge(
    desk: Desk, total: int, label: str, advice: str
) -> None:
    band = desk.context("zh-Hant").questionnaires["bsrs5"].band(total)

    assert (band.label, band.advice) == (label, advice)


@pytest.mark.parametrize(
    "thoughts, alarms, mentions", [(0, False, False), (1, False, True), (2, True, True), (4, True, True)]
)
def test_the_last_question_counts_by_itself(
    bsrs5: Questionnaire, thoughts: int, alarms: bool, mentions: bool
) -> None:
    for total in (0, 5, 20):
        given = answers(total, thoughts)
        assert bsrs5.total(given) == total
        assert bsrs5.alarms(given) is alarms
        assert bsrs5.mentions(given) is mentions


def test_a_skipped_question_leaves_no_total_and_hides_no_alarm(bsrs5: Questionnaire) -> None:
    given = {**answers(8, thoughts=3), "low": None}

    assert bsrs5.total(given) is None
    assert bsrs5.alarms(given)
    assert bsrs5.total({**answers(8), "thoughts": None}) == 8


def test_the_wording_is_the_published_one(desk: Desk) -> None:
    scale = desk.context("zh-Hant").questionnaires["bsrs5"]

    assert scale.instruction == (
        "請您仔細回想在最近一星期中(包括今天)，這些問題使您感到困擾或苦惱的程度，然後圈選一個您認為最能代表您感覺的答案。"
    )
    assert [item.text for item in scale.items] == [
        "睡眠困難，譬如難以入睡、易醒或早醒",
        "感覺緊張或不安",
        "覺得容易苦惱或動怒",
        "感覺憂鬱、心情低落",
        "覺得比不上別人",
        "有自殺的想法",
    ]
    assert [option.label for option in scale.scale] == ["完全沒有", "輕微", "中等程度", "厲害", "非常厲害"]
    assert [option.key for option in scale.scale] == ["0", "1", "2", "3", "4"]
    assert scale.source == "李明濱等，台灣自殺防治學會／全國自殺防治中心"
    assert scale.disclaimer == "本結果為篩檢參考，不是診斷，不能取代醫師或心理師的評估"
    assert scale.most == 20


def test_the_english_items_are_the_published_names(desk: Desk) -> None:
    scale = desk.context("en").questionnaires["bsrs5"]

    assert [item.text.lower() for item in scale.items] == [
        "trouble falling asleep",
        "feeling tense or keyed up",
        "feeling easily annoyed or irritated",
        "feeling blue",
        "feeling inferior to others",
        "having suicidal thoughts",
    ]
