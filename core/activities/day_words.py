"""The words for days, months and steps that the contact log reads, in the five languages at once.

Whoever works in one language may write another: no word here means two things. What stands as "9시 반" or "下午3点"
is first turned into a plain clock.
"""

import re

DAY_NAMES = (
    "monday mon lunes lun понедельник пн 월요일 월 星期一 周一 礼拜一",
    "tuesday tue tues martes mar вторник вт 화요일 화 星期二 周二 礼拜二",
    "wednesday wed miércoles miercoles mié mie среда среду ср 수요일 수 星期三 周三 礼拜三",
    "thursday thu thur thurs jueves jue четверг чт 목요일 목 星期四 周四 礼拜四",
    "friday fri viernes vie пятница пятницу пт 금요일 금 星期五 周五 礼拜五",
    "saturday sat sábado sabado sáb sab суббота субботу сб 토요일 토 星期六 周六 礼拜六",
    "sunday sun domingo dom воскресенье вс 일요일 일 星期日 星期天 周日 周天 礼拜日 礼拜天",
)
MONTH_NAMES = (
    "january jan enero ene январь января янв", "february feb febrero февраль февраля фев февр", "march mar marzo март марта мар",
    "april apr abril abr апрель апреля апр", "may mayo май мая", "june jun junio июнь июня июн", "july jul julio июль июля июл",
    "august aug agosto ago август августа авг", "september sep sept septiembre сентябрь сентября сен сент",
    "october oct octubre октябрь октября окт", "november nov noviembre ноябрь ноября ноя нояб", "december dec diciembre dic декабрь декабря дек",
)
DAYS = {name: n for n, names in enumerate(DAY_NAMES) for name in names.split()}
MONTHS = {name: n for n, names in enumerate(MONTH_NAMES, 1) for name in names.split()}
NEAR = {
    "today": 0, "tomorrow": 1, "tmr": 1, "yesterday": -1, "hoy": 0, "mañana": 1, "manana": 1, "pasado mañana": 2, "ayer": -1,
    "сегодня": 0, "завтра": 1, "послезавтра": 2, "вчера": -1, "오늘": 0, "내일": 1, "모레": 2, "어제": -1, "今天": 0, "明天": 1, "后天": 2, "昨天": -1,
}
STEPS = {
    "days": "d day days día dia días dias день дня дней дн 일 天 日", "weeks": "w week weeks semana semanas неделя неделю недели недель 주 주일 周 星期 个星期",
    "months": "m month months mes meses месяц месяца месяцев 개월 달 月 个月",
}
UNITS = {name: unit for unit, names in STEPS.items() for name in names.split()}
NEXT = {
    "next week": "weeks", "next month": "months", "próxima semana": "weeks", "la próxima semana": "weeks", "próximo mes": "months", "el próximo mes": "months",
    "через неделю": "weeks", "через месяц": "months", "다음 주": "weeks", "다음주": "weeks", "다음 달": "months", "다음달": "months", "下周": "weeks", "下星期": "weeks", "下个月": "months", "下月": "months",
}
NOON_OR_MIDNIGHT = ("上午12", "早上12", "晚上12")  # people mean either: asked again rather than guessed
HALVES = {"오전": "am", "上午": "am", "早上": "am", "오후": "pm", "下午": "pm", "晚上": "pm"}
CLOCK = re.compile(rf"({'|'.join(HALVES)})? ?(?:(\d{{1,2}}):(\d{{2}})|(\d{{1,2}}) ?[시点點时] ?(?:(\d{{1,2}}) ?[분分]?|([반半]))?)$")


def plain_clock(typed: str) -> str:
    """ "내일 오후 3시 반" becomes "내일 3:30pm", "明天下午3点" "明天 3:00pm"; all else stays."""
    found = CLOCK.search(typed)
    if not found or not (found[1] or found[4]) or found[0].replace(" ", "").startswith(NOON_OR_MIDNIGHT):
        return typed
    hour, minute = found[2] or found[4], found[3] or found[5] or ("30" if found[6] else "00")
    half = HALVES.get(found[1], "") if int(hour) <= 12 else ""
    return f"{typed[: found.start()].strip()} {hour}:{minute:0>2}{half}".strip()
