import pytest

from dialogue.understanding.emotion import emotion_in
from dialogue.understanding.found import Emotion


@pytest.mark.parametrize(
    ("said", "emotion"),
    [
        ("我上周买了理财", Emotion.CALM),
        ("请问要多久", Emotion.CALM),
        ("I repaid my mortgage on 28 October", Emotion.CALM),
        ("别生气，我只是问问", Emotion.CALM),
        ("不用担心我", Emotion.CALM),
        ("", Emotion.CALM),
        ("气死我了", Emotion.ANGRY),
        ("你们太过分了，简直是抢钱", Emotion.ANGRY),
        ("換轉係邊個都會嬲", Emotion.ANGRY),
        ("真係好激氣", Emotion.ANGRY),
        ("This is outrageous", Emotion.ANGRY),
        ("unacceptable!", Emotion.ANGRY),
        ("我很担心钱拿不回来", Emotion.WORRIED),
        ("急用錢，怎麼辦", Emotion.WORRIED),
        ("我好驚，瞓唔著，好擔心", Emotion.WORRIED),
        ("I'm worried sick about my account", Emotion.WORRIED),
        ("我妈的养老钱啊，我很难过", Emotion.SAD),
        ("我真係好傷心", Emotion.SAD),
        ("It was so upsetting that I cried", Emotion.SAD),
        ("我对你们很失望", Emotion.DISAPPOINTED),
        ("打了三次电话都没人理", Emotion.DISAPPOINTED),
        ("無奈，冇人理", Emotion.DISAPPOINTED),
        ("I am very disappointed as a loyal customer", Emotion.DISAPPOINTED),
        ("我已经走投无路了", Emotion.DESPERATE),
        ("跪求你们帮帮我", Emotion.DESPERATE),
        ("我不想活了", Emotion.DESPERATE),
        ("I lost everything and I'm at my wits' end", Emotion.DESPERATE),
        ("they took my life savings", Emotion.DESPERATE),
        # the strongest counts, wherever it stands
        ("失望，气愤，我已经绝望了", Emotion.DESPERATE),
        ("disappointed and furious", Emotion.ANGRY),
        ("又担心又失望", Emotion.WORRIED),
    ],
)
def test_the_strongest_stated_feeling_counts(said: str, emotion: Emotion) -> None:
    assert emotion_in(said) is emotion
