"""Chinese names in running text: 我叫郭俊廷啦你們…, 我姓佟佟丽华呃, 小弟姓簡, 雙木林,建設的建,宏偉的宏.

Who speaks or types without marks goes on right after the name: where it ends is told by what follows (a pronoun, a particle, a
word that begins a clause). A surname is also said by its parts (弓長張) or by a word it stands in (侯爵的侯), and so is
each character of the name.

Not here: names between marks, as an answer or a signature (people.py, signatures.py, selves.py).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.people import COMPOUND, NO_NAME, SURNAMES
from dialogue.understanding.plain import Plain, quoted

_HAN = r"[\u4e00-\u9fff]"
_IS_HAN: Final = re.compile(_HAN)
_SURNAME = rf"(?:{COMPOUND}|[{SURNAMES}])"
_COMPOUND: Final = re.compile(COMPOUND)
_TITLE: Final = re.compile(
    r"先生|小姐|女士|太太|生(?=$|[^\u4e00-\u9fff]|[得就呀啊喇])|太(?=$|[^\u4e00-\u9fff])|[经主行][理任长]|老师|师傅"
)

_NEVER: Final = frozenset(
    "我你您他她它的了是在就都不没吗呢吧啊呀嘅咗系喺啦喇嘛跟被把给让这那啲哋佢嗰𠮶冇唔呃嗯哦欸齁字去个哈咧嘞呗噻"
)
"""Characters that stand in no given name."""
_WORDS_TOO: Final = frozenset(
    "代车时都能那于从向别万常连和方全单终越何当平易应明支满空有关来经过后路成安查相公解计项别利费"
)
"""Surnames that are everyday words as well: before anything but a mark they name nobody."""
_FOLLOWS: Final = re.compile(  # what goes on after a name
    r"$|[^\u4e00-\u9fff]|我|你|您|他|她|佢|的|嘅|啦|喇|啊|呀|吖|嘛|咯|囉|啰|喔|哈|咧|嘞|呗|呃|嗯|哦|欸|齁|唉|诶|这|那|呢|嗰|𠮶|不是|唔系|就|是(?!的)|系|先生|女士|小姐|太太|"
    r"电话|手机|手提|号码?[就是系]|身份证|证件|联系|联络|住|今年|现年|男|女|想|要|来(?!福|娣|弟|喜|顺)|因|因为|所以|于|在|有(?!才|福|财|为|德|仁)|持|用|反映|投诉|申诉|茲|兹|代表|上[个周星礼回次月]|下[个周]|前[天日几年]|昨[天日晚]|今[天日早晚]|刚|[一二两三四]个?字|去年|赶紧|快|麻烦|请|唔该|"
    r"一直|从|自|把|将|被|给|帮|对|跟|同|喺|畀|俾|话|说|问|讲|做|卡|开|办|买|存|取|转|打|(?P<one>\w)\w{0,3}[的嘅](?P=one)|\w(?P<two>\w)\w?[的嘅](?P=two)|双\w|草头|木子|弓长|立早|耳东|口天|古月|言午|三点水"
)

_OWN = r"(?<![他她佢人客听])(?:我|俺|阮|本人|鄙人|在下|小弟|小妹|小女子|晚辈|敝人|敝)"
_SAYS: Final = re.compile(
    rf"(?P<sure>(?<![帮听说骂喊是])(?:我|俺)(?:的|嘅|自己|本人)?(?:(?:本|真|大|全|中文|身份证|证件)?(?:名字?|姓名)(?:就?(?:叫|是|系)做?)|叫做?(?:个)?|名叫|大名(?:叫|是)?|就(?:是|系)(?!要|想|说|来|为|因|问)|个名(?:叫|系))|(?:起|取)(?:了|个|的)*名(?:字)?(?:叫|是)?"
    rf"|(?:本名|真名|大名|全名|中文名字?|新名字?|姓名|名字)(?:就?(?:叫做?|是|系))|(?:我|现在?)?(?:已经)?改(?:了|咗)?名(?:字)?(?:叫做?|做|为|成|了|系))"
    rf"|(?P<bare>(?:本名|真名|中文(?:名字?)?|新名字?)|证件上(?:写)?(?:的名字)?(?:是|系)?|身份证上?(?:的名字)?(?:是|写的?|叫)|(?:老板娘?|东主|店主|负责人|经手人|业主|户主|当家的|主贷人|借款人|要保人|投保人|被保险人|保户|开户人|户名|发件人|寄件人|署名|投诉者|申请者)(?={_HAN}{{3}}(?:$|[^\u4e00-\u9fff]|[啊呀啦喇])|[ :：]{{1,2}}{_HAN}{{2,3}}(?:$|[^\u4e00-\u9fff])))"
    rf"|(?P<self>(?<![\u4e00-\u9fff])本人(?:是|系)?)"
    rf"|(?P<point>(?:我写|由我|我(?:本人|代表|亲自|自己)?[^,，。;；\n他她你]{{0,8}})[:：]{{1,2}} ?(?:财务|会计|代表|店主|法人|业主|家属)? ?(?={_HAN}{{2,4}}(?:$|[,，。;；\n ])))"
)
_ANOTHER: Final = re.compile(
    r"(?:他|她|佢|爸|妈|父|母|先生|太太|老公|老婆|儿子|女儿|对方|骗子|经理|柜员|客服|理专|专员|同事|朋友|邻居|收款人?|那个人|男的|女的|某)(?:的|嘅)?$"
)

# ---- the surname, and what explains it ----

_PARTS = "弓长立早木子双口天耳东古月言午走肖文刀横划草头大肚三点水人未禾则干勾易白可丁呈关奠丘余示申卯金将女兆米番马两身寸射西采山今石门兑宝盖竹雨田君童重戈单二十日火土八尸巾工字旁底边者王也又反耳朵"
_BY_PARTS = rf"[{_PARTS}]{{2,5}}(?:的|嘅|那个|[嗰𠮶]个|个)?"
_OWN_SURNAME: Final = re.compile(
    rf"(?:{_OWN}(?:呢边|这边|家|夫家)?|免贵|贱|鄙|小)(?:是|系)?姓(?!名)(?P<by>{_BY_PARTS}(?={_SURNAME}))?(?P<surname>{_SURNAME})(?!的(?:[^\W\d]|那))"
    rf"|(?:^|(?<=[,，。;；!！?？\n 啦啊呀]))姓(?P<by2>{_BY_PARTS}(?={_SURNAME}))?(?P<clause>{_SURNAME})(?=$|[,，。;；!\n ]|的?\W*$|[啊呀啦嘅]|不姓|唔系姓)"
)
_BY_PARTS_ALONE: Final = re.compile(
    rf"(?:^|(?<=[,，。;；!！?？\n ]))(?:我?(?:就?是|系|姓)|姓)?(?![一二三四五六七八九十]+[万单千])[{_PARTS}]{{1,3}}[{_PARTS}](?:的|嘅|那个|[嗰𠮶]个|个)?(?P<surname>[{SURNAMES}])(?=$|[,，。;；、\n ]|[啦啊呀])"
)
_EXPLAINS: Final = re.compile(rf"(?P<word>{_HAN}{{2,4}})(?:的|嘅|那个|[嗰𠮶]个|个)(?P<char>{_HAN})")
_GIVEN: Final = re.compile(
    rf"(?:单名(?:一?个|系|叫|是)?|(?<=[,，。、 ])叫做?|(?:双?名字?|(?<!同)(?<!姓)名)(?:[,， ]|叫|是|系|就?叫)+|(?<!同)(?<!姓)名)(?P<given>{_HAN}{{1,2}}?)(?=字?(?:$|[^\u4e00-\u9fff]|[啊呀啦嘅]))"
)
_TURNED: Final = re.compile(rf"^\W*(?P<given>{_HAN}{{1,2}})[,， ]+姓(?P<surname>{_SURNAME})\W*$")  # 大文，姓陈
_SURNAME_ALONE: Final = re.compile(
    rf"^\W*(?P<surname>[{SURNAMES}])[,，。、 ]{{1,2}}(?={_HAN}{{1,3}}[的嘅个嗰𠮶](?P=surname))"
)
_COMPOUND_ALONE: Final = re.compile(rf"^\W*(?P<surname>{COMPOUND})(?=[,，。 ])")


def name_end(text: str, start: int, *, sure: bool) -> int | None:
    """Where the name ends that begins with a surname at `start`; `sure`: that it is a name is told by what stands before."""
    compound = _COMPOUND.match(text, start)
    if compound is None and text[start : start + 1] not in SURNAMES:
        return None
    given = start + (2 if compound else 1)
    fits = [
        end
        for end in (given + 2, given + 1, given + 3)
        if _is_given(text[given:end], end - given) and _FOLLOWS.match(text, end)
    ]
    if given + 3 in fits and (fits[0] != given + 3 or text[given : given + 1] not in SURNAMES):
        fits.remove(given + 3)  # four characters only for two surnames: 王陈金枝
    if len(fits) > 1 and _FOLLOWS.match(text, fits[1]) and fits[1] < fits[0] and _begins_a_word(text, fits[1]):
        fits = fits[1:]
    end = fits[0] if fits else given + 2 if sure and _is_given(text[given : given + 2], 2) else None
    if end is None or NO_NAME.search(text[start:end]):
        return None
    loose = text[start] in _WORDS_TOO and compound is None
    return None if loose and _IS_HAN.match(text, end) and not sure else end


def _is_given(given: str, length: int) -> bool:
    return len(given) == length and all(_IS_HAN.match(char) and char not in _NEVER for char in given)


def _begins_a_word(text: str, at: int) -> bool:
    """Whether the last character of the longer name belongs to the next word: 陈强电话, 江敏要求."""
    return (
        re.match(r"电话|手机|手提|身份|证件|联系|联络|今年|现年|想[要请问]|要[求投来]|因为|反映|投诉|申诉", text[at:])
        is not None
    )


def said_names(read: Plain) -> tuple[Found[str], ...]:
    """The name after words that announce it as the writer's own, however the text goes on."""
    text = read.plain
    for match in _SAYS.finditer(text):
        start = match.end()
        while start < len(text) and (filler := _FILL.match(text, start)) and filler.end() > start:
            start = filler.end()
        sure = match["sure"] is not None
        if match[0].startswith("户名") and _PAYS.search(text[max(0, match.start() - 30) : match.start()]):
            continue
        end = name_end(text, start, sure=sure)
        if (
            end is None
            or _ANOTHER.search(text[max(0, match.start() - 6) : match.start()])
            or quoted(text, match.start())
        ):
            continue
        if match["self"] and not _FOLLOWS.match(text, end):
            continue
        return (_found(read, start, end, match.start()),)
    return ()


_PAYS: Final = re.compile(r"转账|汇款|收款|对方|骗|打给|汇给|转给|打款|转到|汇到")
_MARK = r"(?=$|[,，。;；!！?？、\n ])"
_PERSON = rf"(?:{COMPOUND}){_HAN}{{1,2}}|[{SURNAMES}]{_HAN}{{1,2}}"
_COMMON = "韩江龙张王李赵刘陈杨吴周徐孙胡朱郭林罗梁宋郑谢唐冯许邓曹彭曾萧蔡潘袁董余叶蒋杜苏魏吕丁沈姚卢姜崔钟谭陆汪范廖贾韦邹熊孟秦阎薛侯雷段郝邵史毛顾赖武康贺尹"
_PLACED: Final = (  # who the writer is, by where the name stands
    re.compile(  # 我系戶口持有人，… / 我越南來的,阮氏花, / 主贷人是我，石磊，
        rf"(?:(?:^|[,，。;；!！?？\n ])我(?:就?(?:是|系)|[^,，。;；!！?？\n他她你]{{0,6}}[来的族](?=[,，]))[^,，。;；!！?？\n]{{0,20}}|(?:是|系)我(?:自己|本人)?)[,，][ ]?(?P<name>{_PERSON}){_MARK}"
    ),
    re.compile(  # 我是住在柳河镇的赵德柱，
        rf"(?:^|[,，。;；!！?？\n ])我(?:就?(?:是|系))(?!来|想|要|因|被)[^,，。;；!！?？\n他她你投诉]{{1,14}}(?:的|嘅|保户|住户|客户|会员|股民|储户|用户|村民|居民|工人|老师|司机|店主|老板|护士|学生|业主|房东|租客|车主|VIP|vip|会员|老人|老太太|老头)(?P<name>{_PERSON}){_MARK}"
    ),
    re.compile(  # 我韩铁柱把话撂这儿
        rf"(?:^|[,，。;；!！?？\n ]|而|想|是|连|因为|但)我(?!孙[子女]|余[额下]|曾[经祖]|许[多久愿]|周[末一二三四五六日围转]|江[苏西浙]|陆[续]|顾[客虑]|武[汉]|钟[头点]|康[复]|毛[病]|沈[阳]|郑[州重]|唐[山]|胡[说乱]|林[业]|董[事]|史[上]|段[时]|雷[人]|汪|范[围]|丁[点]|熊[孩]|贺[卡]|李[子]|龙[头]|张[罗口嘴]|杨[树]|苏[州]|杜[绝]|罗[列]|贾|彭|姜|王[八])(?P<name>[{_COMMON}]{_HAN}{{2}})(?=[把将等了就走从要这跟]|在(?!线)|活了|这辈子|一[辈个直]|今[天年日]|做|对天|跟你|说到|不[会是服信怕]|从来|的(?:卡|账户|户口|钱|存款|名字|保单|号|贷款|信用))"
    ),
    re.compile(  # 客户王建军反映 / 王建军本人 / 王建军就是我 / 回电请找王建军
        rf"(?:^|[,，。;；!！?？\n ])(?:贵行|你们)?(?:的)?(?:老)?(?:客户|储户|持卡人|保户|用户)(?P<name>{_PERSON})(?=反映|投诉|申诉|客诉|检举|本人|敬上|上$)"
    ),
    re.compile(
        rf"(?:^|[,，。;；!！?？\n ])(?P<name>{_PERSON})(?=本人(?:$|[^\u4e00-\u9fff]|投诉|反映|要|来|持|办|于)|(?:先生|女士|小姐)?就?(?:是|系)(?:我|本人)(?:$|[^\u4e00-\u9fff]|啊|呀|啦))"
    ),
    re.compile(rf"里写的(?P<name>{_PERSON})(?=(?:先生|女士|小姐)?就(?:是|系)我)"),
    re.compile(
        rf"(?:打给我|回电|回覆|回复|致电|打这个(?:电话|号码?)|联系我|联络我|打嚟|打来|打返嚟|覆我)[^。;\n]{{0,8}}?[请就,， ]*(?:找|揾|搵|请找|联系|联络)(?!我|你|他|她)(?P<name>{_PERSON}){_MARK}"
    ),
    re.compile(rf"^\W*(?P<name>{_PERSON})[,， ](?:今年)?[一二三四五六七八九十0-9]{{1,3}}岁"),
    re.compile(
        rf"(?:^|[,，。;；!！?？\n ])我[,，](?:一个|一名|一位|就一)[^,，。;\n]{{1,10}}[,，](?P<name>{_PERSON}){_MARK}"
    ),
    re.compile(rf"(?:我)?(?:的)?名字里[^,，。;\n]{{1,8}}[,，](?P<name>{_PERSON}){_MARK}"),
    re.compile(rf"(?:我叫|叫我|喊我|叫佢)(?P<name>阿{_HAN}){_MARK}"),
    re.compile(rf"^\W*(?P<name>{_PERSON})[ ,，]{{1,2}}(?:男|女)(?=$|[ ,，\d])"),
    re.compile(
        rf"(?:^|[,，。;；!！?？\n ])我(?:是|系|来自)[^,，。;\n]{{0,8}}[,，](?:名字)?叫做?(?P<name>(?!我|你|他|她|佢){_HAN}{{2,5}})(?=[,，。;\n]|$)"
    ),
    re.compile(rf"我(?:是|系){_HAN}{{1,3}}族(?:人|的)?[,，](?P<name>{_HAN}{{2,6}}){_MARK}"),
    re.compile(
        rf"(?:代表|我司|本公司|我店|我们公司|敝公司|我公司|本店|本行号)[^。\n]{{0,24}}?[,，; ](?:财务|会计|出纳|店主|法人|负责人|经理|总经理|文员|行政|老板|老板娘)[ ]?(?P<name>{_PERSON}){_MARK}"
    ),
    re.compile(rf"[「“\"'『](?P<name>[{SURNAMES}] ?{_HAN}(?: ?{_HAN})?)[」”\"'』](?:这|嗰|𠮶|那)?[两二三四]个?字"),
    re.compile(
        rf"(?:^|[,，。;；\n ])(?P<s>[{SURNAMES}])[、,，.。…]+(?:(?P=s)[、,，.。…]+)*(?P<name>(?P=s){_HAN}{{1,2}}){_MARK}"
    ),
    re.compile(
        rf"不(?:是|系|叫)(?P<old>{_PERSON})[,，; ]?(?:而)?(?:应该?)?(?:是|系|叫)(?P<name>(?:(?P<other>[{SURNAMES}]){_HAN}{{1,2}})){_MARK}"
    ),
)


def placed_names(read: Plain) -> tuple[Found[str], ...]:
    """A name told to be the writer's by its place: an apposition to 我, a head with 男 or 女, a surname said twice."""
    text = read.plain
    for pattern in _PLACED:
        for match in pattern.finditer(text):
            said = match["name"].replace(" ", "")
            if NO_NAME.search(said) or set(said[1:]) & _NEVER or said[0] in "我你他她佢" or quoted(text, match.start()):
                continue
            if "old" in match.groupdict() and not _alike(match["old"], said):
                continue
            name = "".join(read.own[slice(*match.span("name"))].split())
            return (Found(name, read.own[slice(*match.span())].strip(" ,，。\n"), match.start("name")),)
    return ()


def _alike(old: str, new: str) -> bool:
    """不是陈静，是程静: all but one character are the same or sound alike, so that it is the same person's."""
    return len(old) == len(new) and sum(a != b for a, b in zip(old, new, strict=True)) == 1


_FILL: Final = re.compile(
    r"[ :：]|[,，、](?=[\u4e00-\u9fff]{2,3}(?:$|[^\u4e00-\u9fff]))|那个|这个|呃|嗯|就?(?:是|系|叫)|做|作"
)


def explained_names(read: Plain, *, asked: bool) -> tuple[Found[str], ...]:
    """A surname that is the writer's own, with the rest of the name where it is told: by itself, by 单名, by words it stands in."""
    text = read.plain
    if asked and (turned := _TURNED.match(text)):
        name = read.own[slice(*turned.span("surname"))] + read.own[slice(*turned.span("given"))]
        return (Found(name, read.own.strip(), turned.start("given")),)
    own = _OWN_SURNAME.search(text) or (_SURNAME_ALONE.match(text) if asked else None)
    anchor = own or _BY_PARTS_ALONE.search(text) or (_COMPOUND_ALONE.match(text) if asked else None)
    if anchor is None or quoted(text, anchor.start()):
        return ()
    group = "surname" if anchor["surname"] else "clause"
    surname = anchor[group]
    if group == "clause" and not asked and not _of_the_writer(text, anchor.start(), anchor.end()):
        return ()
    start, end = anchor.span(group)
    whole = _whole(text, surname, start)
    if whole is not None:
        return (_found(read, *whole, anchor.start()),)
    rest = text[end : end + _NEAR].split("\n")[0]
    given = _GIVEN.search(rest)
    if given and not _EXPLAINS.match(rest, given.start("given")):
        at = end + given.start("given")
        name = read.own[start:end] + read.own[at : at + len(given["given"])]
        return (Found(name, read.own[anchor.start() : at + len(given["given"])].strip(), anchor.start()),)
    alone = _CLAUSE_ALONE.search(rest)
    if alone and not (set(alone["given"]) & _NEVER or NO_NAME.search(surname + alone["given"])):
        name = read.own[start:end] + read.own[end + alone.start("given") : end + alone.end("given")]
        return (Found(name, read.own[anchor.start() : end + alone.end("given")].strip(), anchor.start()),)
    chars = [
        read.own[end + said.start("char")]
        for said in _EXPLAINS.finditer(rest)
        if said["char"] in said["word"] and said["char"] != surname
    ]
    name = read.own[start:end] + "".join(chars[:2])
    return (Found(name, read.own[anchor.start() : end].strip(), anchor.start()),)


_CLAUSE_ALONE: Final = re.compile(
    rf"(?<=[的嘅]{_HAN}[,，、。 ])(?P<given>{_HAN}{{2}})(?=$|[,，。 ])"
)  # 许多的许，文强，
_NEAR: Final = 60
"""Characters after the surname in which the rest of the name is told."""


def _whole(text: str, surname: str, start: int) -> tuple[int, int] | None:
    """Where the full name stands after its surname was said: 我姓蘇,蘇敏華."""
    found: list[tuple[int, int]] = []
    for place in re.finditer(surname, text[start : start + _NEAR + len(surname)].split("\n")[0]):
        at = start + place.start()
        after = at + len(surname)
        if text.startswith(surname, after) or _TITLE.match(text, after):
            continue
        if _EXPLAINS.match(text, at) or (text[max(0, at - 1) : at] in ("的", "嘅", "姓") and at != start):
            continue
        if at != start and text[at - 1] in "个" and not _is_pause(text, at - 2):
            continue
        end = name_end(text, at, sure=at != start or text[at - 1] not in "姓")
        if end is None or text[end : end + 1] == "字" or (at == start and not _is_pause(text, end)):
            continue
        if _SAID_BEFORE.search(text, max(0, at - 4), at):
            return at, end
        found.append((at, end))
    return found[0] if found else None


_SAID_BEFORE: Final = re.compile(r"(?:我(?:是|系|叫)|叫做?|名系|全名)\Z")


def _is_pause(text: str, at: int) -> bool:
    return not 0 <= at < len(text) or not _IS_HAN.match(text[at])


def _of_the_writer(text: str, at: int, end: int) -> bool:
    """姓詹 alone, after 我…: nobody else was spoken of before, and no office of the house stands beside."""
    if AT_AN_OFFICE.match(text, end):
        return False
    before = text[max(0, at - 24) : at]
    return not before.strip(" ,，。") or (
        re.search(r"我|本人|俺", before) is not None and _ANOTHER_BEFORE.search(before) is None
    )


_ANOTHER_BEFORE: Final = re.compile(
    r"他|她|佢|经理|柜员|客服|理专|专员|主任|行员|职员|小姐|先生|那个人|有个|一个|叫我|跟我|对我|骗我|同我"
)


AT_AN_OFFICE: Final = re.compile(  # 姓魏，城东支行信贷部
    r"[,，、 ]{0,2}(?:是|系|在|喺)?[^,，。;；!！?？\n我俺]{0,12}?(?:支行|分行|总行|网点|营业部|[贷财务卡户销]部|部门|柜台?|窗口|经理|主任|行长|柜员|客服|理专|专员|顾问|行员|职员)"
)


def _found(read: Plain, start: int, end: int, since: int) -> Found[str]:
    return Found(read.own[start:end], read.own[since:end].strip(), since)
