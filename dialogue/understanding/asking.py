"""Requests told by their grammar, whatever their verb: 把我的貸款轉回等額本金, 退了啊, 個地址改返做我新屋, "could I have it back", "if you could …".

In Chinese a clause without subject that puts something somewhere (把 …, a complement such as 回, 出来, 返), that ends in a particle of
urging (吧, 呗, 啦, 好伐), or that asks whether it can be done; in English an order, a question to the house, a condition, a noun
that is said to be enough. What somebody else said or did, what is done already, threats and reproaches are none.

Not here: wishes with a verb of wishing (wishes.py), requests by a verb of putting right (demands.py, orders.py).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from typing import Final

from dialogue.understanding.orders import only_tells
from dialogue.understanding.plain import Span, quoted

# ---- Chinese ----

_N = r"[^，,。;!?\n]"
_COMES = r"(?:回来|回去|回给|出来|过来|上来|下来|起来|返嚟|回(?!家|事|答|复|头)|掉|好(?!像|几|多|不容易)|清楚?|齐|上(?=$|[吧啊呀啦])|给我|给(?:他|她|俺|回)|畀我|俾我|还我|作废|销毁|入账|到账|过来|出黑名单|成(?!别人)|为|到)"
_VERB = (
    r"(?:退|赔|补|还|改|换|修|恢复|解|停|撤|销|注销|取消|删|移|划|转|锁|冻|断|拦|追|查|弄|搞|处理|办|调|降|减|免|清|列|写|讲|说|解释|道歉|认|公开|承担|负责|安排|加|关|收|打回|提|放|批|结|寄|派|报|冲|吐|掏|匀|兑|汇|算(?!了|啦|数|吧)|修正|重置|重|更正|豁免|冻结|"
    r"开(?!户|始|心)|拿|取(?!款)|装|贴|做|设|建|配|延|缓|宽限|分期|挽回|攞|俾|畀|整|搬|驳|计|入|搵|cut|waive|reverse|refund|cancel|chargeback|block|unlock|fix|update|freeze|match|cancel|dispute|check)"
)
_LEAD = r"(?:那么?|就|所以|现在|请|先|快|赶紧|马上|立即|即刻|你们?|你哋|侬|恁|贵行|银行|麻烦|唔该|拜托|总之|最好|至少|好歹|干脆|不如|顺便|然后|再|也|都|全部?|统统|一律|一次过|,| )*"
_FORMS_HAN: Final = (
    # a clause that puts something somewhere, without subject
    re.compile(
        rf"^{_LEAD}[把将](?!{_N}*(?:忽悠|骗|[弄搞]丢|[弄搞办写打记]错|[弄搞]坏|卖给|转走|划走|扣(?:了|走|掉|光|下|划)|哄|糊弄|漏|泄|曝|晾|怪|害|扔|摔|砸|丢|甩|吞|吃|抢|没收|撕))(?!我(?:当|晾|逼|气|害|骗|赶|吓|打发|推|忽悠|折腾|挂|拉黑)|人(?!工)|客户|责任|锅|问题)[^，,。;!?\n]{{1,18}}?{_VERB}{_N}{{0,10}}$"
    ),
    re.compile(
        rf"^{_LEAD}(?:把|将)(?!{_N}*(?:忽悠|骗|[弄搞]丢|[弄搞办写打记]错|[弄搞]坏|卖给|转走|划走|扣(?:了|走|掉|光|下|划)|哄|糊弄|漏|泄|曝|晾|怪|害|扔|摔|砸|丢|甩|吞|吃|抢|没收|撕|当成|当作|看成)){_N}{{1,18}}?{_COMES}{_N}{{0,8}}$"
    ),
    re.compile(rf"(?:就|来|去|能先?|可以|能不能|能否|叫{_N}{{1,12}}|让{_N}{{1,12}})把{_N}{{1,16}}?{_VERB}{_COMES}"),
    # a verb of putting right at the head, with what it is to be done to
    re.compile(
        r"^(?:那|就|快|赶紧|请|先|全额|全部|如数|足额|一次性|立即|马上|尽快|书面|公开|当面|重新){0,3}(?:补发|补缴|补回|补返|补偿|退还|退回|退保|退款|退费|退钱|返还|赔偿|赔付|恢复|取消|撤销|注销|改回|改返|更正|删除|停止|解除|解冻|解封|解锁|延长|降低|调低|调高|减免|豁免|免除|免收|提供|出具|安排|加装|增加|加开|修好|修复|归还|兑付|兑现|结清|清零|冲正|冲回|转回|调回|调出|调取|重办|重做|定损|道歉|赔礼|认错|关掉|停掉|撤回|收回|还原|销户|加快|抓紧|公布|贴出|装(?:个|上)|配(?:个|备))(?![了过咗不没得失]|的(?!时候)?)[^，,。;!?\n了过咗]{0,14}$"
    ),
    re.compile(
        r"^(?:我|就|只|只要|只想|想|要|请|一个|个|给|给我|书面|公开|当面|正式|全额|全部|如数|立即){0,4}(?:退款|退钱|退费|退保|退货|退还|赔偿|赔钱|补偿|道歉|赔礼道歉|赔礼|道个歉|更正|撤销|注销|销户|还钱|回水|解约|解锁|解冻|解封|查清楚|查明)(?:和|与|及|跟|同|加|、|就行|就好|吧|啊|呀|啦|咯|一个|个|书面|公开|道歉|赔偿|退款|解释|说明)*$"
    ),
    re.compile(rf"^(?:重新|另行|另外)(?!来|说|被){_N}{{1,10}}$"),
    re.compile(rf"^调{_N}{{1,8}}(?:出来|看看?|给我)"),
    re.compile(
        rf"^{_N}{{0,8}}?(?:还我|给我|俾我|畀我|还俺|还佢)(?:一?个)?(?:清白|公道|说法|交代|交待|解释|自由|钱|血汗|养老钱)"
    ),
    # handed to the writer at the end: 兑现给我, 算给我, 攞返俾我
    re.compile(
        rf"^[^，,。;!?\n我他她佢了过咗没不说话错害昨]{{0,14}}{_VERB}{_N}{{0,4}}?(?:给|畀|俾|返俾|返畀|还|番)(?:返)?(?:我|俺|我妈|我爸|我哋|我们|佢|老人家)(?:啦|吧|呀|啊|先|得唔得|好唔好)*$"
    ),
    re.compile(
        rf"(?:^|[的钱款费息金数数万千百蚊元块]|二|那|[嗰𠮶]{_N}{{1,5}}|快|先)给我(?!的|打电话|说|讲|看|听|介绍|推荐|感觉|脸色|一种|个[借理]){_VERB}{_N}{{0,4}}?(?:了|掉|上|好|回来|现)?$"
    ),
    # Cantonese 返, 晒, 咗佢
    re.compile(
        r"(?:^|[^咗冇未唔佢话])(?:改|补|退|俾|畀|还|攞|拎|搬|转|整|计|入|驳|调|赔|交|取|收|开|搵|reverse|refund|cancel|credit|waive|transfer)(?:唔?到)?(?:返|番)(?!咗|嚟都|唔)[^，,。;!?\n咗]{0,12}$"
    ),
    re.compile(r"(?:cut|waive|cancel|block|停|锁|删|取消|退|郁|整|改|del|delete|lock|freeze|reverse)(?:咗|晒)佢"),
    re.compile(r"(?:退|赔|还|作废|取消|删|清|免|俾|畀)(?:返)?晒(?:佢|畀我|俾我)?(?:啦|呀|吧)?$"),
    re.compile(rf"^(?:[嗰𠮶]|呢|那|这){_N}{{1,8}}(?:唔好|不要|别|莫)(?:再)?(?:扣|收|计|打|寄|发|加)"),
    # urged by its particle
    re.compile(
        rf"^(?:请|就|快|都|也|把{_N}{{1,12}}|{_N}{{0,18}}?){_VERB}(?:了|掉|咗|回|返|上|开|好)(?:它|佢)?(?:吧|呗|噻|嘛|啊|呀|啦|得了|算了|拉倒|就行|就好|行不)$"
    ),
    re.compile(
        rf"^{_N}{{0,14}}?(?<!等)(?<!看){_VERB}{_N}{{0,4}}?(?:一下|下|一哈|一声|声|点|啲|些)(?:吧|呗|噻|嘛|啦|呀|啊|咯|好伐|好吗|行吗|好不好|好唔好|得唔得|可以吗|就成|就行|就好|就得|先)+$"
    ),
    re.compile(rf"^给{_N}{{1,8}}?(?P<v>修|看|查|改|换|补|调|说|讲|管|想想)(?P=v)?(?:吧|呗|嘛|啊|呀|咯)?$"),
    # what would be enough
    re.compile(
        rf"^(?!只要|有|没|怎么|说){_N}{{2,20}}(?:就成|就行了?|就好了?|就可以了?|即可|便可|就得[了啦]?|就够了?|就算(?:了|数|啦)?|就完事了?|便罢|足矣|就满意了?|就知足了?|先系真|就够意思)[\W啊呀啦]*$"
    ),
    re.compile(rf"(?:最公道|最好|理想|最起码|起码|至少|底线)(?:的?(?:就)?(?:是|系|要))(?!说|因){_N}{{2,}}"),
    re.compile(rf"^该{_N}{{1,8}}就{_N}{{1,8}}$"),
    re.compile(
        r"^(?!我|他|她|佢|你们?)[^，,。;!?\n了过咗被没不]{2,14}(?:加|装|补|贴|配|恢复|弄|做|改|修|退|还|开)(?:上|好|回来|回去|齐|掉)(?:吧|啊|呀|啦)?$"
    ),
    re.compile(
        r"(?:回|放|打|存|转|退|汇)(?:到|进|回|返|我)+(?:的|嘅)?(?:卡|账户?|户头|户口|存折)(?:上|里|度)?(?:就行|就好|吧)?$"
    ),
    re.compile(
        r"^给(?:我)?(?:句|个|条|一个)(?:准|明白|痛快)?(?:话|信|说法|结果|答复|解释|交代|台阶|公道)|就图(?:个)?(?:明白|公道|说法|安心)"
    ),
    re.compile(rf"^{_N}{{1,8}}?(?:作废|全退|全还|全免|全赔|减半|归零|清零|照付|照赔|复原|退半)(?:也行|就行|吧|啦)?$"),
    re.compile(rf"^(?!再){_N}{{0,10}}?{_VERB}{_N}{{0,8}}?(?:也行|也成|也可以|也好|都得|都行|也罢)$|^哪怕{_N}{{2,}}$"),
    re.compile(
        r"^(?:把)?(?:撤|换|开除|处分|辞退|炒|调走|处罚|严惩)(?:了|掉)?(?:她|他|佢|那|[嗰𠮶]|这|呢|该|涉事|当事|相关)"
    ),
    re.compile(
        rf"(?:应该|必须|一定要|理应|应当|起码要|总得|总要|须)(?:被|要|由{_N}{{1,6}}|向{_N}{{1,8}}|给{_N}{{1,6}}|把{_N}{{1,10}})?(?:开除|处分|处罚|受罚|下岗|培训|整改|道歉|赔|退|补|改|负责|承担|撤|公开|解释|说明|恢复|免|返还|认错)"
    ),
    re.compile(
        r"^(?:以后|今后|往后|从今(?:以后|往后)?|麻烦|请|你们|你哋|就|再){0,3}(?:别|不要|唔好|勿|莫|甭|休)(?:再|总|老)?(?:给我|跟我|同我|畀我|俾我|往我|向我)?[^，,。;!?\n]{0,4}?(?:打|发|寄|推|骚扰|扣|收|烦|催|乱|登|塞)(?!岔|扰)"
    ),
    re.compile(rf"^{_N}{{1,10}}?(?:帮忙|帮手|麻烦|烦请|请|拜托|唔该)(?:给|同|把)?{_VERB}{_N}{{0,10}}$"),
    re.compile(
        r"^(?:我|本人|俺)?(?:就|只|还是|最|净系)*想(?:要回|拿回|取回|讨回|追回|攞返|要返|退掉|退了|换回|改回|换成|改成)"
    ),
    re.compile(
        rf"^(?:全额|先)?(?:补|赔|退|还|减|免|返)(?:我|俺|老子|我们|我哋|我妈|我爸){_N}+$|^让我(?:把|取|进|登|解|用)"
    ),
    re.compile(r"(?P<y>退|赔|还|改|修|批|管|解)(?:还是|定)(?:不|唔)(?P=y)"),
    # asked whether it can be done
    re.compile(
        rf"(?:能不能|能否|可否|可不可以|可唔可以|能唔能|可以不可以|肯不肯|愿不愿意|方不方便)(?!有点|要点|讲理|说人话|听懂|转?人工|找|见|问|告诉我|再?等){_N}{{2,}}"
    ),
    re.compile(
        rf"^(?!{_N}*(?:什么时候|几时|何时|多久|怎么|如何|哪|几天)){_N}{{0,12}}?(?<![不功职才])(?!能不能|可不可)(?:能|可以)(?:{_VERB}|先|再|不|免|少|晚|早|提前|给我|帮我|退|赔|还|补|改|换|查|办|解|撤|争议|取消|不收|减|降|放|宽){_N}{{0,12}}?(?:吗|么|嘛|咩|不|没)$"
    ),
    re.compile(
        rf"^{_N}{{0,14}}?{_VERB}(?:得|唔)?(?:到|回来|返|回|了)(?:吗|么|咩|嘛)$|{_VERB}得返{_N}{{0,4}}$|还{_VERB}得(?:到|回){_N}{{0,3}}[吗么]$|(?:就)?不(?:能|可以){_N}{{2,14}}(?:吗|么|嘛|咩)$"
    ),
    re.compile(
        rf"(?:怎样|怎么样|怎么|要{_N}{{1,12}}(?=才肯|才愿|才舍得|先肯)|几时|什么时候|何时|哪天|多久|到底)(?:才|先)(?:肯|能|会|愿意?|舍得|可以|得|好)?{_N}{{0,12}}?{_VERB}"
    ),
    re.compile(
        rf"^(?:到底|究竟|钱|费用|这钱|那)?{_N}{{0,4}}?(?P<x>退|赔|还|改|修|批|给|管|放|解)(?:唔|不)(?P=x)(?:给我)?[\W啊呀]*$"
    ),
    re.compile(
        rf"(?:是不是|难道不|总)?(?:该|应该|应当|得|要)给{_N}{{1,8}}?(?:一个|个)?(?:解释|说法|交代|交待|道歉|公道|赔偿|补偿|补救)"
    ),
    # on a condition
    re.compile(
        rf"^(?:如果|若果?|倘若|要是|假如|如|倘|只要)(?:你们|你哋|贵行|银行|行方)?(?:能够?|可以|可|肯|愿意?)(?!我){_N}{{2,}}"
    ),
    re.compile(
        rf"(?:前|内|之前|天|日|今天|明天|再|还|若|如|要是|如果){_N}{{0,3}}?不(?=给我?|退|赔|还|解|补偿|恢复|处理|道歉|赔偿|答复)(?P<deed>(?:给我?|退|赔|还|解|补偿|恢复|处理|道歉|赔偿|答复){_N}{{0,14}})$"
    ),
    # a third person shall do it
    re.compile(
        rf"^(?:请|麻烦|你们|你哋|就|把)?(?:叫|让|要|命|令)(?!我|人|你|客户|他们等)(?:那个?|[嗰𠮶]个?|这个?|他|她|佢|他们|佢哋|你们|经理|柜员|店员|客服|业务|煤气|商家|{_N}{{2,12}}?){_N}{{0,10}}?(?:道歉|认错|对不起|对唔住|对不住|sorry|赔礼|吐出来|退(?:钱|款|回|还)|赔|还(?:钱|我|给)|停(?:手|下来|止)|回水|负责|改)"
    ),
    re.compile(r"(?:说|讲|道)(?:一)?(?:声|句)(?:sorry|对唔住|对不起|对不住|抱歉)"),
    # wished of the other side
    re.compile(
        rf"(?<![不唔别没])(?:就?想|希望|盼|望|求|只求|要)(?:你们|你哋|贵行|银行|您|行里|你)(?!的?(?:孩子|家人|妈|祖宗)|知道|听|看看|明白|倒闭|们?良心){_N}{{2,}}"
    ),
    re.compile(rf"(?:只|净系|就|但)(?:想|要|求|望)(?!问|知|说|投诉|骂|哭|反映|找人|咨询|让你|话|死|走){_N}{{2,}}"),
    re.compile(
        rf"^(?:明细|发票|证明|道歉|退款|退钱|赔偿)?我要(?!问|投诉|偷诉|{_N}?诉|举报|骂|疯|崩|哭|气|吐|回家|上班|走|告|曝光|见|找|打|反映|报警|跟|和|同|等|去|死|睡|吃|客诉|人工|转|说|讲|申诉|怎么|的是你|是|不是|看看你|交|付|还[款贷]|买|存|取[钱款]|搬|登|发|求|向)(?!{_N}*了$){_N}{{2,}}"
    ),
    re.compile(
        rf"^(?:请|恳请|烦请|敬请)(?!问|他|她|佢|我|了|假|教|款|进|稍|等|看|留意|别挂|客|输入|按|洽|勿){_N}{{2,}}"
    ),
    re.compile(rf"(?:请|要求)[:： ]?(?:\([一二三1-9]\)|[一二三1-9][.、]){_N}{{2,}}"),
    re.compile(
        r"(?:^|你们|你哋|侬|恁|你|麻烦|请|快|再)(?:帮手?|替)(?:我|俺|老人家|手|忙)(?!们?(?:买|推荐|介绍|做的|办的))[^，,。;!?\n了过咗]{2,}$"
    ),
    re.compile(rf"^{_N}{{0,10}}?快(?:啲|点|些){_VERB}{_N}{{0,8}}"),
    re.compile(rf"^{_N}{{1,10}}改(?:寄|走|用|发|打|送)(?!了|咗|的){_N}{{1,8}}$"),
    # with sarcasm: 加多個人手好難咩
    re.compile(rf"^(?P<deed>{_N}{{3,16}}?)(?:好|很|有咁|有这么|有那么|就那么|咁)难(?:咩|吗|么|嘛|呀|啊)"),
)
_TELLS_HAN: Final = re.compile(
    r"(?:寄|弄|搞|算|扣|打|写|登|收|记|发|给|存)错(?!的|了?我?[^，,]{0,6}(?:退|还|改|补))|被|俾人|畀人|[了咗](?!$|[\W啊呀吧啦先佢它呗噻嘛]|就|结|行|好|得了|算了)|过(?!来|去|户|数|账|帐|渡|期|节)|才(?:发现|知道)|失败|唔到|不了|不(?:给|让|肯|许|准)我|没给|不知|竟然?|居然|却|原来(?!的|那|样)|结果|已经?|早就|当时|一直|从来|上次|之前(?!把|给)|冇人|没人|未(?!来)"
)
_SAID_HAN: Final = re.compile(
    r"(?:(?:业务员?|理专|专员|经理|主任|柜员|客服|行员|职员|员工|他们?|她们?|佢哋?|对方|骗子|小姐|先生|sales|[Ss]ales|RM|广告|合同)[^，,。;!?\n]{0,8}(?:说(?!好|定|明|清|法|理)|话(?!费|术)|讲(?!好|明|理)|劝|叫我|让我|喊我|要我|答应|承诺|保证|通知|表示|写)"
    r"|叫我|(?<!别)(?<!勿)让我(?!把|取|用|进|登|解)|喊我|劝我|(?:说|话|讲)(?:会|可以|要|帮我|随时)|回复我|当时|成功|朋友|同事|我[姐哥弟妹]|隔壁)[^。!?\n]{0,24}[，,:：「“\" ]$"
)
_SAYS_SO: Final = re.compile(
    r"^[^，,。;!?\n]{1,6}让我|^[^，,。;!?\n]{0,6}(?:说(?!明|清|法|一?声|句|好|个)|话(?!费)|劝我?|叫我|让我(?!把|取|用|进|登|解)|喊我|要我(?![^，,。]*才肯)|答应|承诺|通知我|问我|教我)"
)
_OF_SOMEBODY: Final = re.compile(r"^[^，,。]{2,14}的(?:柜员|经理|客服|职员|行员|业务|人)(?!道歉|给|向|开除)")
_TURNS_OUT: Final = re.compile(r"[，,。 ]+(?:结果|谁知|没想到|哪知|怎知|点知|居然|竟然|后来|最后却)")
_NO_REQUEST: Final = re.compile(
    r"投诉|举报|转人工|人工(?!费)|客诉|别挂|查询余额|提前还贷?款?怎|怎么(?:办|操作|申请|开|弄|查|走|做|写)|需要什么|带什么|在哪|哪里|为什么|为何|点解|多少钱|是谁|有没有听|听懂|^否则|^不然|^唔系|当我傻|查(?:得|不)?到|你(?:们)?自己|良心|倒霉|滚|去死|见鬼|再加一件|要求[也都]?(?:改|变|换)|回电|通电话|通话|报的那?[件单宗]|打(?:畀|给|俾)我|真人|面谈|同我倾|同我讲(?!声|句|对唔住|sorry|清楚)|搵个人|有人|活人|领导|管不管|加按|曝光|告(?:你|到)|起诉|要点脸|几天|多久|多长时间|几时到账|转高|转告|拨[^，,]{0,4}电话|即[复覆]|^(?:我?(?:净系|就|只|不过)?想|替我|帮我|麻烦)?(?:跟|同|和|对)[^，,]{1,8}(?:说|讲)(?:一)?[声句]|讲道理|要我命|害我|气死|骂人|我(?:就|将|会|要)(?:去|找|向|跟|报|告|曝|上网|打12)|等我|看着办|走着瞧|认栽|认命|算了$"
)


def told_by_others(text: str, since: int, at: int) -> bool:
    """Whether what stands before in the sentence tells what somebody said or did: 業務說隨時可以解約,拿回本金."""
    return _SAID_HAN.search(text[max(since, at - 30) : at]) is not None


def request_han(text: str, start: int, end: int, since: int) -> Span | None:
    """Where a request stands in a Chinese clause of the sentence that begins at `since`."""
    clause = text[start:end].strip("，,。;；、 ")
    at = start + text[start:end].find(clause)
    if len(clause) < 2 or _OF_SOMEBODY.search(clause) or _NO_REQUEST.search(clause) or quoted(text, at):
        return None
    if _TURNS_OUT.match(text, end):
        return None
    if told_by_others(text, since, at) or _SAYS_SO.match(clause):
        return None
    for form in _FORMS_HAN:
        match = form.search(clause)
        if match is None or _TELLS_HAN.search(clause):
            continue
        if "deed" in match.groupdict() and match["deed"]:
            return at + match.start("deed"), at + match.end("deed")
        return at, at + len(clause)
    return None


def speaks_against(text: str, start: int, end: int, since: int) -> Iterator[str]:
    """By name what speaks against a clause of the sentence that begins at `since` being a request: signs for wanting.py, not verdicts."""
    clause = text[start:end].strip("，,。;；、 \n")
    signs: tuple[tuple[str, object], ...]
    if _HAN.search(clause):
        signs = (
            ("no_request", _NO_REQUEST.search(clause)), ("tells", _TELLS_HAN.search(clause)), ("says", _SAYS_SO.match(clause)),
            ("of_somebody", _OF_SOMEBODY.search(clause)), ("told", told_by_others(text, since, start)),
        )  # fmt: skip
    else:
        signs = (
            ("no_request", _NO_REQUEST_EN.search(clause)), ("tells", only_tells(clause)),
            ("told", _TOLD_EN.search(text[max(since, start - _BEFORE_EN) : start])),
        )  # fmt: skip
    yield from (name for name, found in signs if found)


_BEFORE_EN: Final = 60
_SIGN_HAN: Final = re.compile(
    r"[把将给撤放作拿怎到加装修退赔补还改换修停撤删锁冻追查办减免清给俾畀返佢请帮替快能可得该应若如倘要想求叫让吧呗噻嘛啦就难重调声晒]"
)


def requests_han(text: str, start: int, end: int) -> Iterator[Span]:
    """The requests of one sentence, clause by clause."""
    if not _SIGN_HAN.search(text, start, end):
        return
    for clause in CLAUSE.finditer(text, start, end):
        if clause.end() - clause.start() > _DICTATED:
            yield from _dictated(text, *clause.span())
        elif (span := request_han(text, *clause.span(), start)) is not None:
            yield span


_DICTATED: Final = 34
"""Characters of a clause that was dictated without marks."""
_CUT: Final = re.compile(
    r"(?=(?:你们|你哋|赶紧|快点?|麻烦|请|我就){0,6}(?:你们|你哋|我就|我要|快|赶紧)(?:把|将|帮我|帮|给我|退|赔|叫|让))|(?=(?<![你们你哋就快紧])(?:把我|将我|让他|让她|叫佢|叫他|帮我|快给我))|(?<=嘛|吧|啦)(?=我)|(?=我叫|我姓|名字叫|我个名|我的?电话|电话[是系])|(?<=得唔得呀|好不好啊)|(?<=得唔得|好不好)(?![呀啊])"
)


def _dictated(text: str, start: int, end: int) -> Iterator[Span]:
    cuts = sorted({start, *(match.start() for match in _CUT.finditer(text, start, end)), end})
    for begin, stop in itertools.pairwise(cuts):
        if stop - begin <= 2 * _DICTATED and (span := request_han(text, begin, stop, begin)) is not None:
            yield span


CLAUSE: Final = re.compile(r"(?:[^，,;；。!?\n ]|(?<![\u4e00-\u9fff]) | (?![\u4e00-\u9fff]))+")
# ---- English ----

_BASE = (
    r"(?:refund|repay|return|reverse|waive|cancel|close|reopen|correct|fix|mend|repair|restore|reinstate|replace|reissue|release|unlock|unblock|unfreeze|lift|clear|remove|delete|wipe|erase|scrap|drop|undo|redo|resend|trace|track|push|process|credit|pay|send|post|give|get|put|"
    r"bring|take|move|transfer|sort|settle|honou?r|match|lower|raise|reduce|cut|stop|block|freeze|lock|shut|explain|apologi[sz]e|say sorry|own up|admit|investigate|look into|review|provide|supply|update|amend|change|switch|revert|train|retrain|sack|fire|discipline|make|let|have|treat|dispute|"
    r"withdraw|add|arrange|set|write|print|compensate|reimburse|donate|keep|leave|extend|allow|accept|turn|issue|confirm|rectify|resolve|adjust|deduct|knock|split|meet|prove|produce|disregard|stick|bin|chuck|ditch|tell|answer|hand|free|do|see|find|offer|consider|help)"
)
_REMEDY_NOUN = r"(?:refund|rebate|apolog(?:y|ies)|explanation|compensation|correction|reimbursement|repayment(?: plan)?|payment plan|plan|letter|money|cash|deposit|interest|fees?|charges?|credit|goodwill|gesture|sorry|answer|flowers|receipt|statement|confirmation|replacement|half|fifty|hundred|quid|pounds|tenner|fiver|dollars|bucks|cents|back|voucher|points|miles|copy|discount|extension|holiday|settlement|write-?off|review|investigation|list|recording)"
_NOUN_ALONE: Final = re.compile(
    rf"^\W*(?:some kind of |some sort of |just |only |at least |perhaps |maybe |even )*(?:an?|the|my|some|any|half|full|all)\b(?! (?:of you|time|day|bank|clerk|manager|man|woman|lady|guy|queue|branch|app|machine)\b)(?:(?! (?:was|is|has|had|were|are|did|does|took|keeps?|went|came|never|not|won't|can't|didn't|got|gets|says?|said) ).){{0,60}}\b(?:{_REMEDY_NOUN[3:-1]})\b(?:(?! (?:was|is|has|had|were|are|did|does|took|keeps?|went|came|never|not|won't|can't|didn't|got|gets|says?|said) ).){{0,60}}$",
    re.IGNORECASE,
)
"""A remedy and nothing else is the whole message."""
_FORMS_EN: Final = (
    re.compile(
        r"\b(?:if|whether) (?:you|someone|somebody|the bank|anyone|one of you)(?:'d| would| could| can| might| were to)(?! (?:have|not|believe|like to know|imagine|be so))\b[^?]{3,}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:I|we)(?:'d| would| will|'ll| could| can)(?: be)?(?: (?:only|just|be|also|gladly|happily|much|far|more than|very|really|even|perhaps))* (?:settle for|happ(?:y|ier) (?:with|if)|content with|satisfied (?:with|if)|grateful (?:if|for)|obliged if|pleased if|delighted if|accept|take (?=£|\$|€|half|a |an |the |\w+ (?:pounds|quid))|appreciate|welcome|love (?:it if|a |an )|prefer(?! not)|rather (?!not)(?:you|have|be))[^?]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:(?:so|and|oh|well|ok|right|now|please|pls|i know|then|just)\W+)*(?:how about|what about|why don'?t you|why not|why can'?t (?:you|it|they)|can'?t you|couldn'?t you|won'?t you|would you (?:consider|mind|be willing to|be able to|kindly)|would it be possible|is it possible|do you think you (?:could|can)|any (?:chance|way|hope) (?:of|you|that|to|I|we)|is there (?:any|some|a|no) (?:way|chance|possibility|hope)|are you able to|is anyone able to) (?!speak|talk|tell me (?:how|what)|call|ring|phone)[^?]{3,}",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:could|can|may|might) (?:I|we|my \w+) (?:perhaps |please |just |possibly |at least |not )*(?:have|get|be (?:given|sent|paid|refunded|reimbursed|moved|put)|see|receive|keep) (?!through|hold|a (?:word|person|human|manager|number|form)|someone|somebody|to |your (?:name|number|manager|supervisor)|an? agent|help|anything)[^?]{2,}",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:could|can|would) (?!(?:I|you|we|someone|somebody|anyone)\b)(?:the|my|your|our|this|that|it|they|these|those|whoever)\b[^?]*? (?:be|come|go|get|stop|have|say|start|explain|apologi[sz]e)\b[^?]*",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^\W*(?P<np>(?:an?|the|my|some|any|half|a full|at least|just|only|full)\b[^.!?]*?\b(?:{_REMEDY_NOUN[3:-1]})\b[^.!?]*? (?:wouldn'?t (?:go amiss|hurt|kill|be (?:too much|a bad))|would (?:do|be (?:nice|good|decent|fair|fine|a start|appreciated|enough|welcome)|suffice|help|go a long way|not go amiss|cover it)|will (?:do|suffice)|is (?:all|the least)|should do|please))",
        re.IGNORECASE,
    ),
    _NOUN_ALONE,
    re.compile(
        r"\b(?:must|needs? to|has to|have to|(?:has|have|'s|'ve) got to|got to|should|ought to|shall|better|is to|are to) (?:now |just |at least |all |really |still )*(?:be|get|go back|come off|stop)\b(?! (?:ashamed|able|aware|careful|honest|fair|told|noted|said|joking|kidding|kind|here|there|a |an |the |more |so |very |clear|easy|simple|grateful|angry|sure))[^.!?]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:(?:so|and|then|now|please|pls|just|kindly|you can|ok|ye can)\W+)*get (?:this|that|it|them|these|those|my|the|her|his|our)\b[^.!?]*\b(?:off|back|out|sorted|removed|fixed|done|corrected|to|refunded|moving|gone|cleared|working)\b[^.!?]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"^\W*(?:(?:so|and|then|now|please|pls|just)\W+)*let (?!me\b|us\b|'?s\b|alone|you\b|it go|go\b|that sink)[^.!?]{4,}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^\W*(?i:(?:(?:so|and|then|now|please|pls|plz|just|kindly|simply|faster|either|ok|right|go on|come on|oh|help(?: me| us)?(?: to)?)\W+)*{_BASE})(?: (?:it|this|that|them|him|her|me|us|my|our|the|your|all|both|every\w*|whatever|what|a|an|in|up|off|down|back|out|into|over|on|at|so|half|one|two|no|nominee|address|name|card|fee|rate|account|limit|charge|[A-Z][a-z]+)\b| ?[£$€\d])[^?]*$"
    ),
    re.compile(
        r"^\W*(?:my|the|this|that|it|his|her|our|all|both|everything|name|fee|charge|record|file)\b ?(?:[\w']+ ){0,4}?(?:corrected|refunded|removed|returned|reversed|cancelled|canceled|closed|fixed|waived|deleted|restored|unblocked|unlocked|reopened|repaid|paid back|sorted|put right|back(?: please| pls| now| today)?|credited|reinstated|written off|cleared|updated|released|replaced)[.,! ]*(?:please|pls|ta|thanks|now|today|asap|in full)?$",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:it )?wouldn'?t (?:kill|hurt) (?:you|them|anyone) to [^.!?]+|\bthe (?:very )?least (?:you|they|the bank) (?:can|could|should) (?:do )?[^.!?]+|\b(?:I|we) (?:won'?t|will not|shan'?t|refuse to) (?:settle|accept|go away|stop|leave) (?:for |with |anything )?(?:less|until|unless|anything)[^.!?]*|\b(?:I|we) deserve (?!better)[^.!?]+|\b(?:I|we)(?:'m| am| are)? only (?:after|asking(?: for)?) [^.!?]+|\bnot asking for [^.!?]{2,30}(?:just|only) [^.!?]+|\b(?:am |i'm )?hoping (?:you|someone|the bank|for|to (?:get|have|see)) [^.!?]+|\bthere (?:ought to|should|must|needs to) be [^.!?]+|\b(?:somebody|someone|surely \w+) (?:can|could|should|must|ought to|needs to) [^.!?]+",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bwhen (?:are you|is (?:it|this|that|someone|somebody|the \w+)) (?:ever )?going to (?:be |get )?(?:fix|refund|pay|give|send|return|release|unlock|unblock|sort|reopen|answer)\w*\b[^.!]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:I|we) (?:think|reckon|feel|believe|say|suggest) (?:half|a full|the full|a refund|an apology|it(?:'s| is) only fair|you (?:should|owe|ought))[^.!?]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:can|faster|quickly|better) (?:refund|settle|waive|reverse|return|cancel|give|pay|fix)\b[^.!]*(?:or not|can|lah?|leh|anot|pls|please)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"^\W*{_BASE} \w[^.!?]* (?:leh|lah?|please|pls|can|ta)\W*$|\bi(?:d|ll) (?:want|like|need|expect|prefer|appreciate|take|accept)\b(?! to (?:say|know|ask|speak|talk|complain|report|make))[^.!?]+",
        re.IGNORECASE,
    ),
    re.compile(
        r"\b(?:do the (?:decent|right|honourable|honorable) thing)\b[^.!?]*|\b(?:it|that|this|they|the \w+|my \w+) should (?:go|come|be put|be paid) back[^.!?]*",
        re.IGNORECASE,
    ),
    re.compile(
        r"\bjust (?:want|need|give|the|my|a)\b(?! (?:to (?:say|know|ask|check|let|tell|add|speak|talk|complain)|person|human))[^.!?]*\b(?:back|pin|please|pls|ta|refund|sorry|apology|card|money)\b[^.!?]*",
        re.IGNORECASE,
    ),
)
_TOLD_EN: Final = re.compile(
    r"\b(?:said|says|told|asked me|wanted me|texts?|letter|website|advert|poster|leaflet|she|he|they|who|which|supposed|promised|refused|whether|wonder(?:ed|ing)?|thought|my (?:son|daughter|wife|husband|mate|friend|neighbour))\b[^.!?;]{0,50}$",
    re.IGNORECASE,
)
_NO_REQUEST_EN: Final = re.compile(
    r"\b(?:speak|talk|make no mistake|let me (?!have|off|keep|out)|(?:get|bring|fetch|find|give) me (?:a |an |the |your |some )?(?:real |actual |live )?(?:manager|boss|supervisor|human|person|agent|someone|somebody)|stick (?:your|it|that)|keep (?:it|the change)\W*$|put (?:me|them|him|her|somebody|someone) (?:through|on)|call me|ring me|phone me|human|real person|manager please|supervisor|ashamed|kidding|joking|to complain|complaint form|how (?:do|can|would) I|what time|tell (?:that|my (?:kids|wife|husband|mum|mother|son|daughter))|stand for|take (?:care|it easy)|get (?:lost|stuffed|a grip|real|a life)|have a (?:nice|good|look|heart|word)|give me a (?:break|minute|moment|sec)|let me (?:know|explain|start|tell|say)|bear with|hang on|hold on|make it (?:up|£|\$)|do (?:you|I|not|they)\b|see (?:you|attached|above|below|what happens)|keep calm|find (?:the |my |an? )?(?:attached|enclosed)|(?:please |just )?drop it\b|(?:send|give|show|email|get) (?:me|us) (?:the |an? |your )?(?:form|link|number|address|code|leaflet|e-?mail|website|details)\b|have (?:you|I|been|had|not|never|no|to)\b|leave (?:it|me alone)|help me god|tell me about it|tell me (?:how|why|what|if)|(?:can|could|should|what) I (?:ask|do|say)|send help|stick it|stuff it)\b",
    re.IGNORECASE,
)
_STOP_EN: Final = re.compile(
    r",? but |, (?:as|because|since|which|otherwise|or (?:I|we|else))\b| because |\. ", re.IGNORECASE
)
_SIGN_EN: Final = re.compile(
    rf"\b(?:if|would|could|can|can't|cant|may|might|should|must|need|needs|ought|got|how about|why|any|is there|do|let|get|just|half|an?|my|the|some|all|when|settle|deserve|hoping|asking|{_BASE[3:-1]})\b|£|\$|€|'d\b|'ll\b",
    re.IGNORECASE,
)


def request_english(text: str, start: int, end: int) -> Span | None:
    """Where the request of an English sentence stands."""
    sentence = text[start:end]
    if not _SIGN_EN.search(sentence) or _NO_REQUEST_EN.search(sentence):
        return None
    cuts = itertools.islice(_PIECE_EN.finditer(sentence), _MOST_PIECES)
    begins = (0, *(cut.end() for cut in cuts))
    for form in _FORMS_EN:
        for begin in begins if form.pattern.startswith("^") else begins[:1]:
            match = form.search(sentence[begin : begin + _LONGEST_EN])
            if match is None:
                continue
            at = begin + match.start()
            if _TOLD_EN.search(sentence[max(0, at - 60) : at]) or quoted(text, start + at):
                continue
            if form is _NOUN_ALONE and (start > 2 or end < len(text.rstrip()) - 2 or only_tells(sentence)):
                continue
            cut = _STOP_EN.search(sentence, begin + match.end())
            return start + at, start + (cut.start() if cut else len(sentence))
    return None


_MOST_PIECES: Final = 8
_LONGEST_EN: Final = 300
_PIECE_EN: Final = re.compile(r"[,;:\n] ?|(?: -|\u2026|\.\.\.?) ?| and (?=then|please|just|so)")

_NOTHING: Final = re.compile(
    r"^\W*(?:唉|哎|嗨)?[,， ]*(?:算了|认(?:倒霉|栽|命|了)|没什么|没啥|没有了?|冇乜|无所谓|随便|再说|(?:我)?(?:不|唔)知道?|看着办|你说呢|还能怎(?:么)?样|能怎么办|(?:我)?(?:也)?(?:不|唔|没)(?:想|要|求)(?:什么|啥|过)|冇所谓)"
    r"|^(?:我)?(?:都|就|真的?|快|要|条气|个心|心里?|好|很|非常|实在|气|而家|现在)*[^，,。退赔补还改道]{0,8}(?:气死|骂人|生气|嬲|未顺|唔顺|火大|寒心|心寒|失望|崩溃|无语|想哭|难受|受够|烦死|累)[^退赔补还改道]{0,6}$"
    r"|(?:银保监|金管会|金管局|监管|告(?:你|到)|起诉|法院|律师|曝光|媒体|记者|微博|抖音|小红书|消协|消委会|消基会|报警|报纸|12378|12363)[^退赔补还改道]*$"
    r"|一般(?:怎么|点|都)|流程|怎么处理|点处理|多久|几天|多长时间|没完|没什么要求|冇要求|没用|冇用|见识|回头再说|走着瞧|等着|心里(?:清楚|有数)|就是(?:来)?(?:说说|讲讲)|说说而已"
    r"|^(?:你们|你哋|他们|佢哋|经理|柜员|客服|银行|我老[婆公]|我[妈爸]|上次|昨[天日]|上个?[月周]|前[天日])[^想要求请该应]*$|答应|让我|叫我|后来|又不|已经"
    r"|^[^退赔补还改]*(?:不知道|唔知|没想(?:好|过)|有用吗|有什么用|干啥|干嘛|看着办|随你|随便你|听我(?:说|讲)|跟你们?说|问我|关你|谢谢你|多谢你|管得着|管不着|不关)"
    r"|希望你们的?(?:孩子|家人|妈|祖宗|良心|倒闭|行长)"
    r"|^\W*(?:h+m+\W*)?(?:nothing|none|no\b(?! (?:more|further|charge|fee))|nope|dunno|no idea|not sure|who knows|what (?:can|could|should|do|would) (?:i|you)|how should i|whatever|forget it|never ?mind|you tell me|i give up|too late)\b(?!.*\b(?:want|refund|back|apolog))",
    re.IGNORECASE,
)
_DONE_HAN: Final = re.compile(
    r"^(?:我|他|她|佢|他们|我[姐哥弟妹爸妈]|你们?|柜员|经理|客服)(?!们?(?:想|要|希望|求|得|应该))[^。!?]*[了过咗][^。!?]*$"
)
_ASKS_FOR: Final = re.compile(
    r"[退赔补还改修恢复解停撤销删锁追查给俾畀返歉释想要望求请该让叫帮快能免减加换罚炒除办]|可以"
)


_STATES: Final = re.compile(r"[我你您他她佢]|.{13}|太|很|好(?:离谱|过分|衰)|真是|简直")


def wishes_nothing(answer: str) -> bool:
    """Whether an answer to what is wished says that nothing is, or only how one feels or what happened: 唉，认倒霉吧."""
    return _NOTHING.search(answer) is not None or (
        _HAN.search(answer) is not None
        and _ASKS_FOR.search(answer) is None
        and (_DONE_HAN.match(answer) is not None or _STATES.search(answer) is not None)
    )


_HAN: Final = re.compile(r"[\u4e00-\u9fff]")


def requests(text: str, start: int, end: int) -> Iterator[Span]:
    """The requests of one sentence."""
    if _HAN.search(text, start, end):
        yield from requests_han(text, start, end)
    elif (span := request_english(text, start, end)) is not None:
        yield span
