"""Chinese names in running text, and names told by what explains them."""

import pytest

from dialogue.understanding.han_names import explained_names, placed_names, said_names
from dialogue.understanding.plain import plain


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫何俊伟啦你们快点处理", "何俊伟"),
        ("我叫林秀英上礼拜去领钱", "林秀英"),
        ("名字叫罗海燕海水的海", "罗海燕"),
        ("我叫梁子豪不是梁子毫", "梁子豪"),
        ("我叫江敏我的卡不见了", "江敏"),
        ("我叫陈强电话是13800138000", "陈强"),
        ("我本名是曾德旺，大家叫我阿旺", "曾德旺"),
        ("我自己叫邓小月", "邓小月"),
        ("改了名，新名石雨桐", "石雨桐"),
        ("本人叶文辉兹因贵行误扣手续费提出申诉", "叶文辉"),
        ("户主唐国栋，电费重复扣", "唐国栋"),
        ("负责人 卢志坚 0911-222-333", "卢志坚"),
        ("由我代表申诉：苏美玲，0911", "苏美玲"),
    ],
)
def test_a_name_ends_where_the_next_word_begins(text: str, name: str) -> None:
    assert [found.value for found in said_names(plain(text))] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "我叫车去的银行",
        "我叫张经理过来",
        "我叫他还钱",
        "你们经理本名是王海",
        "我转账过去，户名王建军，结果转错了",
        "理专说「我叫王大为」",
    ],
)
def test_who_is_called_or_paid_is_not_the_writer(text: str) -> None:
    assert said_names(plain(text)) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("敝姓欧阳，单名一个磊字", "欧阳磊"),
        ("小弟姓简，开机车行的", "简"),
        ("我姓张啦，弓长张", "张"),
        ("双木林，建设的建，安宁的宁", "林建宁"),
        ("我姓苏，苏慧敏，51349902", "苏慧敏"),
        ("我姓佟佟桂花呃是这样", "佟桂花"),
        ("姓萧不姓肖！萧何的萧！萧立群！", "萧立群"),
        ("言午许，许多的许，文强，跟电视里的一样", "许文强"),
        ("我姓王，名建军", "王建军"),
    ],
)
def test_a_surname_is_explained_and_the_rest_is_told(text: str, name: str) -> None:
    assert [found.value for found in explained_names(plain(text), asked=False)][:1] == [name]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("司馬。對，複姓。名字，文瑜。", "司馬文瑜"),
        ("賴，賴皮的賴", "賴"),
        ("大文，姓陳", "陳大文"),
    ],
)
def test_asked_for_the_surname_may_stand_alone(text: str, name: str) -> None:
    assert [found.value for found in explained_names(plain(text), asked=True)] == [name]


@pytest.mark.parametrize("text", ["你们姓王的经理骂我", "我姓张的客户经理说没事", "他十八万都没还"])
def test_the_surname_of_others_is_not_explained(text: str) -> None:
    assert explained_names(plain(text), asked=False) == ()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我就是上周在大厅哭的人，单晓琳，姓单念善", "单晓琳"),
        ("借款人是我，石磊，三个石头", "石磊"),
        ("我是住在柳河镇的赵德柱，粮补没到账", "赵德柱"),
        ("我韩铁柱把话撂这儿", "韩铁柱"),
        ("郝建国 男 66岁 退休", "郝建国"),
        ("代表恒润纺织，财务周雪琴，就收费一事", "周雪琴"),
        ("顾、顾……顾长明，我说话慢", "顾长明"),
        ("不是陈静，是程静", "程静"),
        ("王桂芬，七十三岁，退休", "王桂芬"),
        ("回电请找冯国庆", "冯国庆"),
    ],
)
def test_the_place_tells_whose_name_it_is(text: str, name: str) -> None:
    assert [found.value for found in placed_names(plain(text))] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "我们小区的老李，李建国，也这样",
        "昨天分行的职员骂我，叫我滚开",
        "我孙女把卡弄丢了",
        "柜员王建军态度差",
        "我余额不足就被扣了",
    ],
)
def test_others_and_words_stand_in_other_places(text: str) -> None:
    assert placed_names(plain(text)) == ()
