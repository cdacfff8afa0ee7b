"""What is new in a reply.

Measured on the shared replies: these rules give the new text of 35 of 35; mail-parser-reply 1.36 with all its languages 14.
It knows no `>`-quoted answers below, few languages, and strips what it takes for a signature from the middle of a text.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.email.quotes import split


@pytest.mark.parametrize(
    ("mail", "new"),
    [
        ("请退款。\n\n-----原始邮件-----\n发件人: 客服\n您好", "请退款。"),
        ('请退款。\n\n------------------ 原始邮件 ------------------\n发件人: "客服"<a@b.example>;\n您好', "请退款。"),
        ("請退費。\n\n-----原始郵件-----\n寄件者: 客服\n您好", "請退費。"),
        ('好的。\n\n在 2026-11-20 10:00:00，"客服" <c@bank.example> 写道：\n> 您好', "好的。"),
        ("好的。\n\n客服 <c@bank.example> 於 2026年11月20日 週五 上午10:00寫道：\n> 您好", "好的。"),
        ("还没收到。\n\n发件人： 客服\n发送时间： 2026年11月20日\n收件人： 江敏\n主题： 答复\n\n您好", "还没收到。"),
        ("Still waiting.\n\nOn Fri, 20 Nov 2026 at 10:00, Bank <c@bank.example> wrote:\n\n> hello", "Still waiting."),
        ("Still waiting.\n\nFrom: Bank\nSent: Friday\nTo: Ann\nSubject: x\n\nhello", "Still waiting."),
        ("> How much?\n\n£1,460.", "> How much?\n\n£1,460."),  # short quotations without a frame belong to the answer
        ("On 20 Nov 2026, at 10:00, Bank <c@b.example> wrote:\n> How much?\n\n£1,460.", "£1,460."),
        ("Yes.\n\n发自我的iPhone", "Yes."),
        ("Yes.\n-- \nAnn Lee\n07700 900123", "Yes."),
    ],
)
def test_new_text_of_a_reply(mail, new):
    assert split(mail).text.strip() == new


@pytest.mark.parametrize(
    "mail",
    [
        "I was told this:\n\nOn Monday your manager wrote:\nno refund.\n\nI want 500 pounds.",
        "On 3 November at 10:30 Mr Li wrote:\nwe will refund\nand he has not.",
        "从 10 月起，客服在微信里写道：\n会退款\n但没有退。",
        "From: London to Leeds I travelled\nand lost my card.",
        "-- \nAnn",
        "> only a quotation",
        "Best regards,\nAnn",
        "",
    ],
)
def test_a_complaint_that_looks_like_a_quotation_stays_whole(mail):
    assert split(mail, is_reply=False).text == mail


OURS = "> Dear customer,\n> \n> Your reference is C20261127-000002-4. 投诉编号如上。\n"
ATTRIBUTIONS = {
    "gmail en": "On Fri, 27 Nov 2026 at 07:34, Bank <c@bank.example> wrote:\n\n",
    "gmail en, wrapped": "On Fri, Nov 27, 2026 at 7:34 AM The Complaints Team of the Bank\n<c@bank.example> wrote:\n\n",
    "gmail zh": "示例银行 <c@bank.example> 于2026年11月27日周五 07:34写道：\n\n",
    "gmail zh, wrapped": "示例银行投诉处理组 <c@bank.example>\n于2026年11月27日周五 07:34写道：\n\n",
    "gmail tw": "範例銀行 <c@bank.example> 於 2026年11月27日 週五 上午7:34寫道：\n\n",
    "gmail de": "Am Fr., 27. Nov. 2026 um 07:34 Uhr schrieb Bank <c@bank.example>:\n\n",
    "apple en": "> On 27 Nov 2026, at 07:34, Bank <c@bank.example> wrote:\n> \n",
    "apple en, American": "On Nov 27, 2026, at 7:34\u202fAM, Bank <c@bank.example> wrote:\n\n",
    "apple zh": "> 在 2026年11月27日，07:34，示例银行 <c@bank.example> 写道：\n> \n",
    "apple hk": "> 示例銀行 <c@bank.example> 於 2026年11月27日 07:34 寫道：\n> \n",
    "163": 'At 2026-11-27 07:34:00, "Bank" <c@bank.example> wrote:\n',
    "163 zh": '在 2026-11-27 07:34:00，"示例银行" <c@bank.example> 写道：\n',
    "thunderbird en": "On 27/11/2026 07:34, Bank wrote:\n",
    "thunderbird zh": "在 2026/11/27 07:34, 示例银行 写道:\n",
    "yahoo": "On Friday, 27 November 2026 at 07:34:00 GMT, Bank <c@bank.example> wrote:\n\n",
    "proton": "On Friday, November 27th, 2026 at 7:34 AM, Bank <c@bank.example> wrote:\n\n",
    "outlook en": "________________________________\nFrom: Bank <c@bank.example>\nSent: Friday, 27 November 2026 07:34\nTo: a@b.example\nSubject: Re\n\n",
    "outlook zh": "发件人: 示例银行 <c@bank.example>\n发送时间: 2026年11月27日 7:34\n收件人: a@b.example\n主题: Re\n\n",
    "outlook tw": "寄件者: 範例銀行 <c@bank.example>\n寄件日期: 2026年11月27日 上午 07:34\n收件者: a@b.example\n主旨: Re\n\n",
    "qq": '------------------ 原始邮件 ------------------\n发件人: "x" <c@bank.example>;\n发送时间: 2026年11月27日\n收件人: "y";\n主题: Re\n\n',
}  # fmt: skip
ANSWERS = [
    "我的电话是13900001111",
    "对的，谢谢",
    "10月6日，500元。",
    "電話 9123 4567，搵我都得",
    "是 11 月 4 日，不是 3 日",
    "The fee was £360.",
    "Please call me on 07700 900123",
    "On 3 November, about 10:30",
    "It was 4/11/26",
    "reach me at eve.short@example.org",
    "Account 12345678\nSort code 20-00-00",
]


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("tail", ["", "\n\nEve Short", "\n\nTom Hall\n07700 900456"])
@pytest.mark.parametrize("client", ATTRIBUTIONS)
def test_an_answer_in_a_line_is_the_customers_and_our_mail_below_it_is_not(client, tail, answer):
    mail = f"{answer}\n\n{ATTRIBUTIONS[client]}{OURS}{tail}"
    new, quoted = split(mail)
    assert new.strip() == answer
    assert "C20261127-000002-4" in quoted


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize(
    "client",
    [client for client in ATTRIBUTIONS if not client.startswith(("outlook", "qq")) and "wrapped" not in client],
)
def test_an_answer_right_above_what_the_program_writes(client, answer):
    assert split(f"{answer}\n{ATTRIBUTIONS[client]}{OURS}\nEve Short").text.strip() == answer


def test_what_stands_apart_above_somebody_wrote_is_never_taken_for_its_day():
    mail = "On 3 November 2026 you charged £300\n\nBank wrote:\n> We are sorry.\n\nEve Short"
    assert split(mail).text.startswith("On 3 November 2026 you charged £300")


def test_answers_between_quoted_lines_stay_with_what_they_answer():
    mail = (
        "See below.\n\nOn 20 Nov 2026 10:00, Bank <c@b.example> wrote:\n> How much?\n\n£1,460\n\n> When?\n\nIn October"
    )
    assert split(mail).text == mail


@given(
    st.lists(
        st.sampled_from(
            [
                "> a",
                ">> b",
                "",
                "text 1",
                "-- ",
                "On 1 Jan 2026 10:00, A <a@b.c> wrote:",
                "From: x",
                "To: y",
                "Subject: z",
                "写道：",
                "-----原始邮件-----",
                "Sent from my iPhone",
            ]
        ),
        max_size=14,
    )
)
def test_law_no_line_is_lost_and_something_is_new(lines):
    new, quoted = split("\n".join(lines))
    had = sorted(line for line in lines if line.strip())
    assert sorted(line for line in (*new.split("\n"), *quoted.split("\n")) if line.strip()) == had
    assert new.strip() or not had


def test_shared_replies_give_the_new_text(shared):
    folder = shared / "data" / "mail" / "replies"
    wrong = [
        path.name
        for path in sorted((folder / "emails").iterdir())
        if split(path.read_text("utf-8")).text.strip("\n")
        != (folder / "trimmed" / path.name).read_text("utf-8").strip("\n")
    ]
    assert wrong == []
