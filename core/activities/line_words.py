"""The words for what one does with a customer, in the five languages at once; of things done and of things to do.

A word that means two things in two languages is none of these. Chinese is written without spaces: its words are looked for
inside the line, the longest first.
"""

import re

DO = {
    "call": "call phone ring llamar llama llamada telefonear позвонить звонок созвониться созвон 전화 통화 전화하기 打电话 打个电话 致电 电话 通话",
    "mail": "mail email e-mail write escribir correo написать письмо 메일 이메일 메일보내기 发邮件 写邮件 邮件",
    "message": "message text sms whatsapp mensaje сообщение 메시지 문자 카톡 发消息 发微信 发短信 短信 微信 消息",
    "visit": "visit visitar visita посетить визит заехать 방문 방문하기 拜访 上门",
    "meeting": "meet meeting reunión reunion reunirse встреча встретиться 회의 미팅 开会 会议 见面 会面",
    "task": "task todo to-do tarea задача 할일 업무 任务 待办",
    "note": "note nota заметка 메모 备注",
}
DID = {
    "call": "called phoned rang llamé позвонил позвонила звонил звонила 전화함 전화했음 전화했다 통화함 打了电话 打过电话",
    "mail": "mailed emailed wrote escribí написал написала 메일보냄 发了邮件 写了邮件",
    "message": "messaged texted 문자보냄 发了消息 发了微信 发了短信",
    "visit": "visited visité посетил посетила заехал заехала 방문함 방문했음 방문했다 拜访了",
    "meeting": "met встретился встретилась 회의함 회의했음 미팅함 开了会 见了面",
    "note": "noted",
}
TO_DO = {word: (kind, False) for kind, words in DO.items() for word in words.split()}
KINDS = TO_DO | {word: (kind, True) for kind, words in DID.items() for word in words.split()}
HAN = re.compile("[\u4e00-\u9fff]")
INSIDE = sorted((word for word in KINDS if HAN.search(word)), key=len, reverse=True)

# Words before a name that are none of it, and endings that a language puts behind one.
BEFORE = frozenset("with to at for con a al para с со к".split())
ENDINGS = re.compile("(님에게|님한테|님께|에게|한테|님|께|하고|와|과|랑|을|를)$")
LEADING = re.compile("^[给和跟与向对约找请]|[打发写]$")
CYRILLIC = re.compile("^[А-Яа-яЁё-]{4,}$")

# What it is about stands behind these; behind a hard one no day is looked for.
HARD = re.compile(r" [-\u2013\u2014] |[:;] |[\uff1a\uff1b]")
SOFT = re.compile(r"(?:^| )(?:about|sobre|насч[её]т|про|по поводу)(?= )|关于")

ONE_HOUR = "hours hour hrs h horas hora часов часа час ч 시간 个小时 小时".split()
MINUTES = "minutes minute mins min minutos minuto минуты минуту минут мин 분 分钟".split()
DURATION = re.compile(
    rf"(?:(?<!\w)(?:for|durante|por|на) )?(?<![A-Za-zА-Яа-яЁё0-9_:.,/+点點月])(?<!in )(?<!en )(?<!de )(?<!las )(?<!через )(?<!시 )(?<!시)(\d{{1,3}}(?:[.,]5)?) ?({'|'.join(ONE_HOUR + MINUTES)})"
    r"(?: 동안|동안)?(?![a-zа-яё\d])(?! ?(?:후|뒤|后|之后|以后))", re.IGNORECASE,
)

# Days and times inside a line without spaces.
NUMBERS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12, "半": None}
NUMBER = re.compile("(十[一二]?|[一二两三四五六七八九])(?=[点點]|天[之以]?后|周[之以]?后|个?星期[之以]?后|个?小时|个月[之以]?后)")
DAY = r"今天|明天|后天|昨天|下?(?:周|星期|礼拜)[一二三四五六日天]|下周|下星期|下个?月|\d{1,3} ?(?:天|周|个星期|个月)[之以]?后|(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]?"
CLOCK = r"(?:上午|早上|下午|晚上)? ?\d{1,2}(?:[点點](?:半|\d{1,2}分?)?|:\d{2})"
GLUED = re.compile(rf"({DAY})?(?: ?({CLOCK}))|({DAY})")
