"""What the customer is called: from an introduction, a label, a signature, or the answer to the question.

Never from the name of a clerk or a relative: a name counts only where the words say it is the writer's own.

Not here: whom the complaint is against (abouts).
"""

from __future__ import annotations

import re
from typing import Final

from dialogue.understanding.found import Found
from dialogue.understanding.given_names import is_given, is_ordinary
from dialogue.understanding.numerals import english_value
from dialogue.understanding.places import PLACES
from dialogue.understanding.plain import Plain, Span, plain

COMPOUND = "欧阳|鲜于|司马|上官|诸葛|司徒|东方|皇甫|尉迟|公孙|慕容|令狐|长孙|宇文|端木|夏侯|南宫|张简|范姜|呼延|澹台|赫连|钟离|轩辕|独孤|拓跋|申屠|万俟|淳于|濮阳|亓官|纳兰|完颜|巫马|公冶|公羊"
SURNAMES: Final = (
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎鲁韦昌马苗凤花方俞任袁柳酆鲍史唐费廉岑薛雷贺倪汤"
    "滕殷罗毕郝邬安常乐于时傅皮卞齐康伍余元卜顾孟平黄和穆萧肖尹姚邵湛汪祁毛禹狄米贝明臧计伏成戴谈宋茅庞熊纪舒屈项祝董梁杜阮蓝闵席季麻强贾路娄危江童颜郭"
    "梅盛林刁钟徐邱骆高夏蔡田樊胡凌霍虞万支柯昝管卢莫经房裘缪干解应宗丁宣贲邓郁单杭洪包诸左石崔吉钮龚程嵇邢滑裴陆荣翁荀羊於惠甄曲家封芮羿储靳汲邴糜松井段富巫乌焦"
    "巴弓牧隗山谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾暴甘钭厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿白怀蒲邰从鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍双闻莘党翟谭贡劳逄姬申扶堵冉"
    "宰郦雍桑桂濮牛寿通边扈燕冀浦尚农温别庄晏柴瞿阎充慕连茹习宦艾鱼容向古易慎戈廖庾终暨居衡步都耿满弘匡国文寇广禄阙东欧沃利蔚越夔隆师巩厍聂晁勾敖融冷訾辛阚那简饶空"
    "曾毋沙养鞠须丰巢关蒯相查荆红游竺权逯盖益桓公涂仝佟付岳商佘侴闫禤冼麦邝揭植区邬丘亓仉淦庹覃牟招苟谌粟邸鄢缑卿郄逯綦亢芦尧睢逄戚芈亓佐侍郇邰晋栗岑钭仝幺粘官楼敬帅撒昝麴佃隽阳楚衣肇仵乜鲜揣代"
)
_HAN = r"[\u4e00-\u9fff]"
_NAME = rf"(?P<name>(?:{COMPOUND}){_HAN}{{1,2}}|[{SURNAMES}]{_HAN}{{1,2}}|{_HAN}{{1,6}}[·•]{_HAN}{{1,8}})"
_TITLE = r"(?:先生|女士|小姐|太太|生(?![气活日意产效])|师傅|老师|阿姨|大爷)"
_AFTER = r"(?=$|[^\u4e00-\u9fff]|先生|女士|小姐|太太|我|电话|手机|手提|身份|证件|联系|联络|住|今年|想|要(?!求书)|来|你们|反映|投诉|因|有|持|在|于|这|现|就|是(?!的)|嘅电话|现年|男|女|系|办|用)"
_AFTER_STRICT = (
    r"(?=$|[^\u4e00-\u9fff]|(?:先生|女士|小姐|太太)(?!的)|电话|手机|身份证|我|今年|想(?:投诉|反映)|要投诉|来投诉)"
)
_LABELS = r"(?:联系人|姓名|投诉人|客户姓名|申诉人|申请人|署名|联络人|名字|落款|持卡人|户名|反映人|当事人)"
_INTRO: Final = re.compile(
    rf"(?:(?<!听)(?<!说)(?<!朋友)(?:我|本人)(?:的|嘅)?(?:名字?|姓名)?(?:叫做?|名叫|叫作|名系|名是|名字?系|名字?是|姓名是)|敝姓名?叫?|(?:我|本人)姓名|本人(?:姓名)?[: ]?(?={_HAN}{{2,3}}[,，(（ ]|{_HAN}{{3}}(?:[。.\n]|$))|(?:(?<=[,，。;；\n ])|^)(?:名字|姓名)叫|(?:我|本人)姓{_HAN}[^,，。;；\n]{{0,6}}[,，]?名?叫|名字?[^,，。 ]{{0,4}}(?:错[了咗]?|不对|唔啱)[,， ]*(?:应该|应)?(?:是|系|叫|为)|{_LABELS}(?:\([^)\n]{{0,6}}\))?[ ]*(?:[::]|是)[ ]*)"
    rf"[ :]{{0,2}}(?:那个|这个|呃+|嗯+)?{_NAME}{_AFTER}"
)
_I_AM: Final = re.compile(rf"(?<!但)(?<!告诉)(?:我(?:是|系)|这里是|这边是)[ ]?{_NAME}{_AFTER_STRICT}")
_RELATIVES = r"(?:女儿|儿子|妈妈?|爸爸?|父亲|母亲|太太|老婆|老公|丈夫|妻子|爱人|哥哥?|姐姐?|弟弟?|妹妹?|孙女|孙子|外甥女?|侄女|侄子|家属|媳妇|女婿|监护人|代理人)"
_I_AM_HIS: Final = re.compile(
    rf"我(?:是|系)[^,，。;\n]{{0,4}}的?{_RELATIVES}[ ,，:]{{0,2}}(?:叫|名叫)?{_NAME}(?=$|[^\u4e00-\u9fff])"
)
_TITLED: Final = re.compile(
    rf"(?:我(?:是|系)|本人|敝姓|我叫|免贵姓|小姓)[ ]?(?P<name>(?:{COMPOUND}|[{SURNAMES}]){_TITLE})(?!的|介绍|说)"
)
_NICKNAME: Final = re.compile(rf"(?<![说骂喊])(?:我叫|叫我)(?P<name>[小阿][{SURNAMES}])(?![\u4e00-\u9fff])")
_MY_SURNAME: Final = re.compile(
    rf"(?:我姓|敝姓|免贵姓|本人姓|小姓|我系姓)(?P<name>(?:{COMPOUND}|[{SURNAMES}])(?:{_TITLE})?)(?={_HAN}?(?:$|[^\u4e00-\u9fff]|嘅))"
)
_ONLY: Final = re.compile(
    rf"(?:(?:我|就)?(?:叫|是|系)|(?:姓名|名字):?)?(?:{_NAME}{_TITLE}?|(?P<double>[{SURNAMES}]{{2}}{_HAN}{{2}}))"
)
_ONLY_TITLED: Final = re.compile(rf"(?:我?(?:叫|是|系|姓)|就?写)?(?P<name>(?:{COMPOUND}|[{SURNAMES}]){_TITLE})")
_ONLY_NICKNAME: Final = re.compile(
    rf"(?P<name>阿{_HAN}|小(?![时车费单区计方路于万成明钱项应包利古水家都别能解经常花贝])[{SURNAMES}]|老(?![家师相公路平安生花农干牛年孙])[{SURNAMES}])"
)
_ONLY_SURNAME: Final = re.compile(rf"(?:我|我的|免贵|就)?姓(?P<name>{COMPOUND}|[{SURNAMES}])")
NO_NAME: Final = re.compile(
    r"[那这]件|[那这]笔|干[嘛吗啥]|干什|做[咩乜]|经理|主任|行长|柜员|客服|老板|银行|支行|分行|客户|顾客|用户|谢谢|多谢|于是|全部|全额|全款|方便|高兴|任何|常客|时候|成都|白金|金卡|钱没|单独|许多|万分|明白|向你|什么|怎么|哪里|他们|她们|我们|你们|退|赔|费|款|账|理财|基金|投诉|"
    r"解释|道歉|元|块|时间|明天|今天|昨天|应该|应当|安全|房贷|车贷|别|不|没|了|吗|呢|吧|的|嘅|和平|时常|都是|那个|那样|那边|从来|经常|通过|解决|计划|关于|相关|公司|公道|家里|家人|连续|连本|高级|老师|何时|何必|何况|马上|强烈|强制|水平|满意|国家|文件|[交容不贸简]易|步骤|师傅|"
    r"(?:金额|利息|本金|保险|存单|石油|黄金|白银|红利|贷款|刚才|严重|严肃|盛怒|广东|广州|江苏|温州|苏州|杭州|宁波|常州|武汉|郑州|云南|山东|山西|江西|海南|贵州|通知|通州|包括|包含|查清|查明|查询|从中|于今|容易|强行|别人|能不|向银|向贵|封号|冷静|广大|党员|农民|单位|公务|易方|路过|能否|全数|全家|平台|平安|和解|胡说|乐意|支付|支取|车主|房主|华人|富人|高管|查账|终身|终于|束手|须知|边个|居然|居民|池鱼|满期|满三|代[表替扣理办缴付收偿签客言价为码销发]|幸会|余[额下款]|余天|通过|同姓|同名|商祺|通电|通话|.字$|[春夏秋冬商时]安$|[一二三四五六七八九十两]个?字)"
    rf"|^(?:{PLACES})$"
)  # fmt: skip
_WORD = r"[A-Z\u00c0-\u00de][A-Za-z\u00c0-\u024f]*(?:['-][A-Z]?[a-z\u00c0-\u024f]+)*\.?"
_ENGLISH_NAME = rf"(?P<name>(?:(?:Mr|Mrs|Ms|Miss|Dr|Mx)\.? )?{_WORD}(?: {_WORD}){{0,3}})"
_ENGLISH_INTRO: Final = re.compile(
    rf"(?:\b[Mm][Yy] (?:full )?name(?: is|'s|:|(?= [A-Z\u00c0-\u00de]))|(?:^|[.!?,;] )[Nn]ame(?:'s| is)(?= )|^(?:Full )?[Nn]ame ?:|\b[Nn]ame ?: )[ ]{{0,2}}(?:{_ENGLISH_NAME}|(?P<small>[a-z]+(?: [a-z'-]+){{0,2}}))(?![\w'])",
    re.MULTILINE,
)
_ENGLISH_HERE: Final = re.compile(rf"(?:^|[,.!]\s?){_ENGLISH_NAME} here(?=[,.!]|$)", re.MULTILINE)
_ENGLISH_I_AM: Final = re.compile(
    rf"\b(?:(?:I am|I'm|i'm|i am)(?: called)?|[Tt]his is|[Ii]t'?s|It is)[ ]{_ENGLISH_NAME}(?![\w'])"
)
STOP_WORDS: Final = frozenset(
    "regards thanks thank yours sincerely faithfully kind best many dear sir madam hello hi hey the a an i my your our you this that it bank branch manager customer "  # noqa: SIM905
    "services service complaint account card fee early repayment mortgage refund please yes no not ok okay sure why what when where who how london leeds manchester sent from "
    "iphone android team support january february march april may june july august september october november december monday tuesday wednesday thursday friday saturday "
    "sunday very so extremely really and or but is was are been with for to of in on at by because about calling writing unhappy angry upset sorry happy none never nobody anonymous "
    "just rather prefer don't dont want need same only email later past caring cheers warm respectfully best wishes wire transfer credit debit loan british chinese american english hong kong taiwan taipei kowloon p.s ps re fw fwd "
    "subject date order reference ref urgent final formal notice terms conditions annual overdraft atm app street road customer's already given above secret private confidential one out off under switching leaving i'm i've i'll i'd it's that's i we're you're".split()
)
_SPELLED: Final = re.compile(r"[A-Za-z](?:-[A-Za-z])+|[A-Za-z](?: [A-Za-z])+")
_MIXED: Final = re.compile(  # "folks call me Bud": capitals here and there make no name
    r"(?:^|.* )(?!(?:van|der|den|de|la|le|du|da|dos|von|bin|binti|al|el|ap|ab)\b)[a-z]{2,} .*\b[A-Z]|[A-Z]\w* (?!(?:van|der|den|de|la|le|du|da|dos|von|bin|binti|al|el|ap|ab|the)\b)[a-z]{2,}"
)
_WORDS_THAT_NAME: Final = frozenset(
    "smith april june august mark hope joy grace may will young green white black hill bell price day rose brown king cook wood stone field baker banks bond bird bishop church case chase cross dean drew earl faith frank gene gray grey guy hall hart heath holly iris ivy "  # noqa: SIM905
    "jean jack lake lane law long love marsh mason miles miller moss nick noble page park parker penny pat pearl pope pound read reed rich rob rod ruby rush sandy sharp short singer speed summer sun taylor turner walker ward ware wall waters wells west wise worth".split()
)
_LEADING_NAME: Final = re.compile(rf"{_WORD}(?: {_WORD}){{1,3}}(?= [\u4e00-\u9fff])")  # "Wong Ka Ming 陳太 is my mum"
_LAST_SENTENCE: Final = re.compile(r"[.!?]\s+(?P<name>[^.!?,\n]{4,60})\W*$")  # "I would like an apology. Henry Moss"
_FOR_WHOM: Final = re.compile(
    r"^\s*(?:我|系我)?(?:爸爸?|妈妈?|父亲|母亲|阿爸|阿妈|老公|老婆|先生|太太|丈夫|妻子|爷爷|奶奶|外公|外婆|公公|婆婆|儿子|女儿|他|她|佢)(?:的?名字?)?(?:叫|是|系)"
)
_TWO_NAMES: Final = re.compile(r"\s*[\u4e00-\u9fff]{2,3} [\u4e00-\u9fff]{2,3}")
_SOMEBODY_ELSE: Final = re.compile(
    r"(?:骗|对方|收款|转给|汇给|经理|柜员|客服|联系(?!我[，,：: ]|方式)|找|爸|妈|老公|老婆|他|她|佢|儿子|女儿)[^。;；\n]{0,12}[，,：: ]?$|\b(?:scammer|manager|advis[eo]r|clerk|teller|cashier|agent|rep|payee|his|her|call|contact)\b,?[^.\n]{0,20}$",
    re.IGNORECASE,
)
_BARE_TITLE: Final = re.compile(rf".{{1,2}}(?:{_TITLE}|大叔|大妈|姨|叔|哥|姐|婆婆|公公|奶奶|爷爷|伯伯?|婶|婆)|.")
_AFTER_CONTACT: Final = re.compile(
    rf"[ ,，(（]{{1,2}}(?P<name>(?:{COMPOUND}|[{SURNAMES}])(?:{_TITLE}|{_HAN}{{2}}))(?=$|[ ,，。;)）\n])"
)
_CLOSING: Final = re.compile(
    r"^(?:(?:(?:kind|best|warm)(?:est)?|many)? ?(?:regards|wishes|rgds)|(?:all (?:the|my) )?best|kindest|warmly|cordially|thx|ta|in (?:anger|hope|despair|disgust)|yours (?:in \w+|ever|etc)|(?:many )?thanks(?: (?:and regards|in advance))?|thank you|yours(?: (?:sincerely|faithfully|truly))?|sincerely(?: yours)?|cheers|respectfully|"
    r"此致|敬礼|顺祝商祺|祝好|谢谢|客户|投诉人|敬上|此致敬礼|谨上)[,.!。!，: ]*$",
    re.IGNORECASE,
)
_ROLE: Final = re.compile(
    r"(?:联系人|联络人|举报人|客户|投诉人|申诉人|(?:业主|股东|工人|家长|学生|家属)?代表|会计|财务|出纳|署名|谨上|敬上|上|-{1,3}|~|\||by|from)[ :]*",
    re.IGNORECASE,
)
_CONTACT_WORDS: Final = re.compile(
    r"就(?:打|是)?这个(?:号码?|电话)|同号|(?:(?:联系)?电话|手机号?码?|手提|邮箱|电邮|联络|\b(?:e-?mail|tel(?:ephone)?|phone|mobile|mob|cell)\b|号码|微信|的|嘅)[ :是系]*|\d{4}[年/-]\d{1,2}[月/-]\d{1,2}日?|[,，;；。()\[\]|/:\u2600-\u27bf\ufe0f\u200d\U0001f300-\U0001faff]",
    re.IGNORECASE,
)


def names_in(text: str | Plain, *, asked: bool = False, contacts: tuple[Span, ...] = ()) -> tuple[Found[str], ...]:
    """The writer's own names, the surest first. `contacts` are places of addresses and telephone numbers."""
    read = plain(text)
    answered = _answered(read, contacts) if asked else []
    found = [*_introduced(read), *answered, *_signed(read, contacts), *_beside_contact(read, contacts)]
    once: dict[str | None, Found[str]] = {}
    for name in sorted(found, key=lambda name: bool(_BARE_TITLE.fullmatch(name.value or ""))):  # the full name first
        once.setdefault(name.value, name)
    return tuple(once.values())


def _introduced(read: Plain) -> list[Found[str]]:
    found = []
    for pattern in (_INTRO, _I_AM, _I_AM_HIS, _TITLED, _NICKNAME, _MY_SURNAME):
        for match in pattern.finditer(read.plain):
            start, end = _shortest(match, read.plain) if pattern in (_INTRO, _I_AM) else match.span("name")
            bare = read.plain[start:end]
            if pattern in (_TITLED, _NICKNAME, _MY_SURNAME) or not NO_NAME.search(bare):
                found.append(_named(read, start, end, match.start()))
    for pattern in (_ENGLISH_INTRO, _ENGLISH_I_AM, _ENGLISH_HERE):
        for match in pattern.finditer(read.plain):
            group = "name" if match["name"] else "small"
            words = _english(match[group], least=1 if pattern is _ENGLISH_INTRO else 2)
            if words:
                found.append(
                    Found(words, read.own[match.start() : match.start(group) + len(words)].strip(), match.start())
                )
    return found


def _shortest(match: re.Match[str], text: str) -> Span:
    """A name of three characters whose third begins the next word (江敏我…) is one of two: the pattern took it for the name."""
    start, end = match.span("name")
    name = text[start:end]
    if len(name) == 3 and not name.startswith(tuple(COMPOUND.split("|"))) and name[2] in "我在于有持是因电手住你想系,":
        return start, end - 1
    return start, end


def _named(read: Plain, start: int, end: int, since: int) -> Found[str]:
    name = "".join(read.own[start:end].split())
    return Found(name, read.own[since:end].strip(), since)


def _english(said: str, *, least: int) -> str | None:
    """The leading words that can be a name, at least so many."""
    words: list[str] = []
    for word in said.split():
        if word.lower().rstrip(".,") in STOP_WORDS:
            break
        words.append(
            word.rstrip(",")
            if len(word.rstrip(".")) == 1 or word.rstrip(".") in ("Mr", "Mrs", "Ms", "Dr", "Mx")
            else word.rstrip(".,")
        )
    if len(words) < least or all(word.rstrip(".") in ("Mr", "Mrs", "Ms", "Miss", "Dr", "Mx") for word in words):
        return None
    name = " ".join(words)
    return name.title() if name.islower() else name


def _without_contacts(line: str, offset: int, contacts: tuple[Span, ...]) -> str:
    """The line with addresses and numbers blanked out, so that places stay."""
    chars = list(line)
    for start, end in contacts:
        for place in range(max(start - offset, 0), min(end - offset, len(chars))):
            chars[place] = " "
    return _CONTACT_WORDS.sub(lambda match: " " * len(match[0]), "".join(chars))


def _answered(read: Plain, contacts: tuple[Span, ...]) -> list[Found[str]]:
    """Any line or clause that is a name and nothing else."""
    found = []
    for piece in re.finditer(r"[^\n,，。;；]{2,80}", read.plain[:400]):
        rest = _FOR_WHOM.sub(lambda match: " " * len(match[0]), _without_contacts(piece[0], piece.start(), contacts))
        name = _only_name(read, rest, piece.start(), loose=True)
        if name:
            found.append(name)
        elif " " in rest.strip() and not rest.isascii():  # "何生 何志强"
            words = [
                (word.start() + piece.start(), word[0])
                for word in re.finditer(r"\S{2,6}(?! (?:is|was) (?:my|his|her)\b)", rest)
            ]
            latin = _LEADING_NAME.match(rest)
            found += [one for one in [latin and _only_name(read, latin[0], piece.start(), loose=False)] if one]
            found += [one for at, word in words if (one := _only_name(read, word, at, loose=False))]
    last = _LAST_SENTENCE.search(read.plain[:400])
    if last and (name := _only_name(read, last["name"], last.start("name"), loose=False)):
        found.append(name)
    return found


def _only_name(read: Plain, rest: str, offset: int, *, loose: bool) -> Found[str] | None:
    bare = rest.strip().rstrip("吧呀啦嘅。.") or rest.strip()
    start = offset + rest.find(bare) if bare else offset
    if not bare or len(bare) > 60:
        return None
    role = _ROLE.match(bare)
    if role and role.end() < len(bare) and bare[0] not in "上":
        start, bare = start + role.end(), bare[role.end() :]
    squeezed = bare.replace(" ", "") if re.fullmatch(rf"{_HAN}(?: ?{_HAN}){{1,3}}", bare) else bare
    chinese = _ONLY.fullmatch(squeezed) or _ONLY_TITLED.fullmatch(squeezed) or _ONLY_SURNAME.fullmatch(squeezed)
    chinese = chinese or (_ONLY_NICKNAME.fullmatch(squeezed) if loose else None)
    group = "double" if chinese and chinese.groupdict().get("double") else "name"
    if chinese and not NO_NAME.search(chinese[group]):
        at = start + (chinese.start(group) if squeezed == bare else 0)
        end = start + (chinese.end(group) if squeezed == bare else len(bare))
        return _named(read, at, end, at)
    return _only_english(bare, start, loose=loose)


def _only_english(bare: str, start: int, *, loose: bool) -> Found[str] | None:
    said = re.sub(r"^(?:it's|it is|i'm|i am|this is|name:?|my name is|call me) ", "", bare, flags=re.IGNORECASE)
    pattern = (
        rf"(?:{_ENGLISH_NAME})"
        if not loose
        else r"(?P<name>[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'.-]*(?: [A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f'.-]*){0,3})"
    )
    match = re.fullmatch(pattern, said.strip(" .!-"))
    if not match:
        return None
    words = match["name"].split()
    if any(word.lower().strip(".") in STOP_WORDS for word in words) or (not loose and len(words) < 2):
        return None
    if loose and match["name"].islower() and all(_says_something(word) for word in words):
        return None
    name = _english(match["name"], least=1)
    if name and (_SPELLED.fullmatch(name) or _MIXED.search(match["name"])):
        return None
    return Found(name, bare, start) if name and english_value(name) is None else None


def names_nobody(said: str) -> bool:
    """Whether an answer to the name is a place or everyday words alone: 佐敦, "email only", "later"."""
    words = [word.strip(".,:;!") for word in said.lower().split()]
    everyday = all(
        (word in STOP_WORDS and word not in _WORDS_THAT_NAME) or _says_something(word) for word in words if word
    )
    return re.fullmatch(PLACES, plain(said).plain.strip()) is not None or (said.isascii() and everyday)


def _says_something(word: str) -> bool:
    """Whether a word without capitals is one of everyday speech, and no name beside: "past caring"."""
    return is_ordinary(word) and not is_given(word) and word not in _WORDS_THAT_NAME


def _beside_contact(read: Plain, contacts: tuple[Span, ...]) -> list[Found[str]]:
    """A clause that is a name and nothing else, right before an address or a number: "退钱，陈强 chenq@…"."""
    found = []
    for start, stop in contacts:
        after = _AFTER_CONTACT.match(read.plain, stop)
        if after and (_ONLY_TITLED.fullmatch(after["name"]) or not NO_NAME.search(after["name"])):
            found.append(_named(read, *after.span("name"), after.start("name")))
        before = _CONTACT_WORDS.sub(lambda match: " " * len(match[0]), read.plain[max(0, start - 30) : start])
        own = read.plain[max(0, start - 30) : start]
        clause = own[: len(before.rstrip())].rstrip(" ,，:：。.;；、(（-|/") if before.strip() else ""
        cut = max((clause.rfind(stop) for stop in ",，。;；!！\n"), default=-1) + 1
        cut = max(cut, clause.rfind(". ") + 2 if ". " in clause else 0)
        piece, offset = before[cut : len(clause)], max(0, start - 30) + cut
        called = _ONLY_NICKNAME.fullmatch(piece.strip()) is not None
        if _TWO_NAMES.fullmatch(piece):  # what they are called, and the name: "阿強 陳志強"
            offset += piece.rindex(" ") + 1
            piece = piece[piece.rindex(" ") + 1 :]
        name = _only_name(read, piece, offset, loose=called)
        if name and not _SOMEBODY_ELSE.search(read.plain[max(0, start - 60) : max(0, start - 30) + cut]):
            found.append(name)
    return found


def _signed(read: Plain, contacts: tuple[Span, ...]) -> list[Found[str]]:
    """The last lines of a letter: a name alone, after a closing, or beside a number."""
    lines = [(match.start(), match[0]) for match in re.finditer(r"[^\n]+", read.plain[-600:]) if match[0].strip()]
    shift = max(0, len(read.plain) - 600)
    above = "\n".join(line for _, line in lines[:-4])
    for index in range(len(lines) - 1, max(-1, len(lines) - 5), -1):
        offset, line = lines[index][0] + shift, lines[index][1]
        if len(line) > 80 or _CLOSING.match(line.strip()):
            continue
        beside = any(offset <= start < offset + len(line) for start, _ in contacts)
        closed = index > 0 and bool(_CLOSING.match(lines[index - 1][1].strip()))
        next_to = any(offset + len(line) < start < offset + len(line) + 60 for start, _ in contacts)
        letter = index > 0 and len(read.plain) - len(line) >= (20 if re.search(_HAN, line) else 60)
        if closed or beside or next_to or letter or above:
            name = _only_name(
                read, _without_contacts(line, offset, contacts), offset, loose=closed and bool(re.search("[A-Z]", line))
            )
            if name:
                return [name]
    return []
