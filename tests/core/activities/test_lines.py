"""Lines as people say them, in the five languages of the product."""

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.activities.line_words import KINDS
from core.activities.lines import LONGEST, Line, names_of, read_line
from core.activities.rules import When

SUNDAY = date(2026, 11, 22)
MON, TUE, WED, FRI = (SUNDAY + timedelta(days=n) for n in (1, 2, 3, 5))
SAT_BEFORE, FRI_BEFORE = date(2026, 11, 21), date(2026, 11, 20)


def plan(kind, who="", day=None, clock=None, minutes=None, about=""):
    return Line(kind, False, When(day, clock) if day else None, minutes, who, about)


def did(kind, who="", day=None, clock=None, minutes=None, about=""):
    return Line(kind, True, When(day, clock) if day else None, minutes, who, about)


ENGLISH = [
    ("call Sofie tomorrow 10:00", plan("call", "Sofie", MON, time(10))), ("Call Sofie Brandt on fri at 4pm: the frames", plan("call", "Sofie Brandt", FRI, time(16), about="the frames")),
    ("visit Nordlicht Optik next week for 2 hours", plan("visit", "Nordlicht Optik", SUNDAY + timedelta(7), minutes=120)), ("meeting with Ann 26/11 14:30 for 45 min", plan("meeting", "Ann", date(2026, 11, 26), time(14, 30), 45)),
    ("email O'Brien in 3 days about the offer", plan("mail", "O'Brien", WED, about="the offer")), ("tomorrow call Sofie at 9:30 am", plan("call", "Sofie", MON, time(9, 30))),
    ("called Sofie", did("call", "Sofie")), ("met Ann fri", did("meeting", "Ann", FRI_BEFORE)), ("call Sofie yesterday", did("call", "Sofie", SAT_BEFORE)), ("task +2w - send the contract", plan("task", "", SUNDAY + timedelta(14), about="send the contract")),
    ("call Sun Li tomorrow", plan("call", "Sun Li", MON)), ("text +34 600 tomorrow", plan("message", "+34 600", MON)), ("call Sofie in 2 hours", plan("call", "Sofie in 2 hours")), ("call Sofie tomorrow: order due friday", plan("call", "Sofie", MON, about="order due friday")),
]
SPANISH = [
    ("llamar a Sofía mañana 10:00", plan("call", "Sofía", MON, time(10))), ("llamar a Sofía mañana a las 10:00 sobre las monturas", plan("call", "Sofía", MON, time(10), about="las monturas")),
    ("reunión con Ana de la Cruz el viernes durante 2 horas", plan("meeting", "Ana de la Cruz", FRI, minutes=120)), ("visita a Óptica Norte pasado mañana", plan("visit", "Óptica Norte", TUE)),
    ("visité Óptica Norte", did("visit", "Óptica Norte")), ("correo para Ana en 3 días: la oferta", plan("mail", "Ana", WED, about="la oferta")), ("tarea próxima semana - contrato", plan("task", "", SUNDAY + timedelta(7), about="contrato")),
    ("mensaje a Ana 26 de noviembre", plan("message", "Ana", date(2026, 11, 26))), ("llamé a Ana ayer", did("call", "Ana", SAT_BEFORE)),
]
RUSSIAN = [
    ("позвонить Софи завтра в 10:00", plan("call", "Софи", MON, time(10))), ("встреча с Иваном Петровым в пятницу в 16:00 на 2 часа", plan("meeting", "Иваном Петровым", FRI, time(16), 120)),
    ("написать Ольге через 3 дня насчёт договора", plan("mail", "Ольге", WED, about="договора")), ("визит к Северный Ветер послезавтра", plan("visit", "Северный Ветер", TUE)),
    ("позвонила Ивану", did("call", "Ивану")), ("звонок Ивану вчера", did("call", "Ивану", SAT_BEFORE)), ("задача через неделю: отправить счёт", plan("task", "", SUNDAY + timedelta(7), about="отправить счёт")),
    ("сообщение Анне 26 ноября 9:30", plan("message", "Анне", date(2026, 11, 26), time(9, 30))), ("позвонить Анне завтра на 30 минут", plan("call", "Анне", MON, minutes=30)),
]
CHINESE = [
    ("明天下午三点给王伟打电话", plan("call", "给王伟", MON, time(15))), ("明天 10:00 打电话 Sofie", plan("call", "Sofie", MON, time(10))), ("周五上午9点半拜访北京光学 2小时", plan("visit", "北京光学", FRI, time(9, 30), 120)),
    ("下周三和李娜开会", plan("meeting", "和李娜", WED)), ("三天后给王伟发邮件：报价", plan("mail", "给王伟", WED, about="报价")), ("昨天拜访北京光学", did("visit", "北京光学", SAT_BEFORE)),
    ("拜访了北京光学", did("visit", "北京光学")), ("给王伟打了电话", did("call", "给王伟")), ("11月26日任务：寄合同", plan("task", "", date(2026, 11, 26), about="寄合同")), ("后天开会30分钟", plan("meeting", "", TUE, minutes=30)),
    ("明天9点30分给王伟打电话", plan("call", "给王伟", MON, time(9, 30))),
]
KOREAN = [
    ("내일 10시에 소피에게 전화", plan("call", "소피에게", MON, time(10))), ("김민준 전화 내일 오후 3시 반", plan("call", "김민준", MON, time(15, 30))), ("금요일 서울정밀 방문 2시간", plan("visit", "서울정밀", FRI, minutes=120)),
    ("모레 9시 김민준과 회의 30분 동안", plan("meeting", "김민준과", TUE, time(9), 30)), ("3일 후 김민준 메일: 견적", plan("mail", "김민준", WED, about="견적")), ("어제 서울정밀 방문", did("visit", "서울정밀", SAT_BEFORE)),
    ("소피 전화했음", did("call", "소피")), ("11월 26일 할일 - 계약서 보내기", plan("task", "", date(2026, 11, 26), about="계약서 보내기")), ("내일 10시 30분 소피 전화", plan("call", "소피", MON, time(10, 30))),
]


@pytest.mark.parametrize(("text", "says"), [*ENGLISH, *SPANISH, *RUSSIAN, *CHINESE, *KOREAN], ids=lambda one: one if isinstance(one, str) else "")
def test_a_line_is_read_as_it_is_meant(text, says):
    assert read_line(text, SUNDAY) == says


@pytest.mark.parametrize(("who", "kept"), [("给王伟", "王伟"), ("和李娜", "李娜"), ("소피에게", "소피"), ("김민준과", "김민준"), ("Ивану", "Иван"), ("Ольге", "Ольг"), ("Иваном Петровым", "Иван Петров"), ("O'Brien", "O'Brien")])
def test_a_name_is_also_looked_for_without_what_the_language_puts_to_it(who, kept):
    assert names_of(who)[0] == who and kept in names_of(who)


@pytest.mark.parametrize("text", ["", "Sofie", "tomorrow", "call", "10:00", "frames and lenses", "北京光学", "소피"])
def test_a_line_that_says_too_little_is_no_plan(text):
    assert not read_line(text, SUNDAY)


def test_every_language_has_a_word_for_every_kind():
    scripts = {"Latin": "abcdefghijklmnopqrstuvwxyzé", "Cyrillic": "абвгдезилмнопрстуф", "Han": "", "Hangul": ""}
    for kind in ("call", "mail", "message", "visit", "meeting", "task", "note"):
        said = [word for word, (one, was) in KINDS.items() if one == kind and not was]
        assert any(word[0] in scripts["Latin"] for word in said) and any(word[0] in "абвгдеёжзийклмнопрстуфхцчшщ" for word in said)
        assert any("\u4e00" <= word[0] <= "\u9fff" for word in said) and any("\uac00" <= word[0] <= "\ud7a3" for word in said)


def test_a_month_comes_first_where_the_language_says_so():
    assert read_line("call Ann 3/4", SUNDAY, "ko").when.day == date(2027, 3, 4) and read_line("call Ann 3/4", SUNDAY, "es").when.day == date(2027, 4, 3)


@given(st.text(max_size=400))
@settings(max_examples=400, deadline=None)
def test_whatever_is_typed_is_read_without_an_error_and_within_bounds(text):
    found = read_line(text, SUNDAY)
    assert len(found.who) + len(found.about) <= 2 * LONGEST and "\x00" not in found.who + found.about
    assert found.minutes is None or 0 < found.minutes <= 24 * 60


def test_a_time_means_the_clock_of_the_reader_in_every_zone_and_in_the_weeks_when_clocks_move():
    dice = random.Random(5)
    zones = ["Pacific/Pago_Pago", "America/St_Johns", "America/New_York", "UTC", "Europe/Madrid", "Europe/Moscow", "Asia/Seoul", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"]
    for _ in range(1500):
        zone = ZoneInfo(dice.choice(zones))
        now = datetime(2026, dice.choice([3, 4, 10, 11]), dice.randrange(1, 29), dice.randrange(24), dice.randrange(60), tzinfo=UTC)
        today, hour, minute = now.astimezone(zone).date(), dice.randrange(24), dice.choice([0, 15, 30])
        when = read_line(f"call Sofie tomorrow {hour:02}:{minute:02}", today).when
        local = when.moment(zone).astimezone(zone)
        assert local.date() == today + timedelta(days=1)
        if (local.hour, local.minute) != (hour, minute):  # the clock skips that time: it is as much later as the clock skips
            assert timedelta(0) < local.replace(tzinfo=None) - datetime.combine(when.day, time(hour, minute)) <= timedelta(hours=1)
