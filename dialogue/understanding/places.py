"""Places that read like a Chinese name of two or three characters: 佐敦, 黄大仙, 宜昌.

Their first character is a surname as well, so an answer that is one of them would be taken for the customer's name. Those that
people are called too (金华, 安康) are left out. Simplified characters, as the readers see a text.

Not here: branches (abouts.py).
"""

from __future__ import annotations

from typing import Final

_HONG_KONG = "佐敦|金钟|何文田|石硖尾|石塘咀|牛头角|蓝田|罗湖|马鞍山|乌溪沙|柴湾|葵芳|沙田|沙头角|乐富|利东|黄竹坑|黄大仙|黄埔|秀茂坪|杏花邨|鲗鱼涌|薄扶林|田湾|马头围|马湾|梅窝|红磡|宋皇台|车公庙|古洞|康怡|筲箕湾|西贡|屯门|荃湾|湾仔|中环|旺角|观塘|九龙城"
_TAIWAN = "万华|松山|汐止|林口|景美|宜兰|花莲|苗栗|高雄|马祖|金门|罗东|古亭|龙山寺|江子翠|沙鹿|鹿港|左营|麻豆|万隆"
_MAINLAND = "郑州|贵阳|常德|安庆|安阳|宜昌|宜宾|汕头|唐山|石家庄|沈阳|房山|徐汇|徐州|松江|杨浦|黄浦|宝山|奉贤|龙岗|荔湾|花都|番禺|萧山|洪山|黄冈|荆州|毕节|曲靖|梅州|茂名|韶关|吉林|邢台|邯郸|沧州|廊坊|衡水|衡阳|岳阳|郴州|怀化|张家界|张家口|包头|乌海|张掖|景德镇|连云港|葫芦岛|秦皇岛|牡丹江|马鞍山|昌平|丰台"

PLACES: Final = f"(?:{_HONG_KONG}|{_TAIWAN}|{_MAINLAND})"
"""An expression."""
