"""What the columns of other people's files mean: header names in five languages and of the usual programs."""

import re
import unicodedata
from collections.abc import Callable, Collection
from functools import cache
from hashlib import sha256

from core.base.importing import importables
from core.base.words import N_
from core.parties.origins import TYPED
from core.parties.reach_models import ADDRESS_FIELDS
from core.parties.words import LABELS
from core.transfer import further, header_words
from infra import i18n

# Field -> names that mean it, compared folded: no case, accents, spaces, signs (see `compact`).
COMMON = {
    "website": "website|web site|web page|webpage|url|homepage|web|domain|company domain name|website 1 value|sitio web|página web|网站|网址|主页|웹사이트|홈페이지|сайт|веб-сайт|вебсайт",
    "phone": "phone work|phone|person phone work|person phone|telephone|tel|phone number|business phone|work phone|office phone|main phone|primary phone|company main phone|phone 1 value|phone1|phone home|home phone|teléfono|telefono|电话|座机|联系电话|전화|전화번호|телефон|рабочий телефон",
    "mail": "mail|email|person email work|person email|e-mail|mail address|email address|e-mail address|email 1|e-mail 1 value|primary email|primaryemail|work email|correo|correo electrónico|邮箱|电子邮件|电子邮箱|이메일|메일|почта|эл. почта|электронная почта",
    "notes": "notes|note|comment|comments|description|remark|remarks|notas|comentarios|descripción|备注|说明|비고|메모|примечание|примечания|комментарий|заметки|описание",
    "tags": "tags|tag|person label|person labels|organization label|organization labels|labels|categories|category|keywords|group membership|groups|etiquetas|标签|태그|метки|теги",
    "source": "source|lead source|account source|accountsource|leadsource|origin|origen|procedencia|来源|출처|유입경로|источник",
    "owner_id": "owner|person owner|organization owner|account owner|contact owner|company owner|record owner|assigned to|sales rep|salesperson|sales agent|responsible|propietario|responsable|comercial|负责人|所有者|销售人员|담당자|소유자|영업담당|ответственный|владелец|менеджер",
    "external_id": "external id|externalid|person id|organization id|uid|external reference|reference|record id|id|customer number|customer no|customer id|supplier number|account number|accountnumber|number|código|código de cliente|número de cliente|id externo|外部编号|客户编号|编号|외부 id|고객번호|внешний id|код|код клиента|номер клиента",
}
FURTHER = {
    "mail_2": "mail 2|email 2|e mail 2 value|e mail 2 address|secondary email|second email|additional email|email home|person email home|correo 2|邮箱 2|邮箱2|이메일 2|почта 2|эл. почта 2",
    "messengers": "messengers|messenger|instant messenger|instant messengers|mensajería|即时通讯|메신저|мессенджеры", "mail_2_kind": "kind of mail 2", "mail_3_kind": "kind of mail 3", "phone_2_kind": "kind of phone 2", "phone_3_kind": "kind of phone 3",
    "no_mailings": "no advertising by mail|email opt out|opt out of email|has opted out of email|unsubscribed from all email|unsubscribed", "mail_invalid": "mail no longer good",
    "phone_no_calls": "do not call: phone|do not call|donotcall", "phone_invalid": "phone no longer good",
    "mail_3": "mail 3|email 3|e mail 3 value|e mail 3 address|third email|person email other|correo 3|邮箱 3|邮箱3|이메일 3|почта 3",
    "phone_2": "phone 2|phone home|home phone|business phone 2|person phone home|other phone|phone work 2|phone 3 value|teléfono 2|电话 2|电话2|전화 2|телефон 2",
    "phone_3": "phone 3|home phone 2|phone home 2|phone work 3|mobile 2|person phone other|phone 4 value|teléfono 3|电话 3|电话3|전화 3|телефон 3",
}
FIELDS = {
    "accounts": {
        **COMMON, **FURTHER,
        "name": "name|account|account name|company|company name|organization|organisation|organization name|customer|customer name|supplier|supplier name|business name|client|cuenta|empresa|nombre|nombre de la empresa|razón social|cliente|公司|公司名称|名称|客户|客户名称|企业名称|회사|회사명|상호|거래처|거래처명|업체명|компания|название|организация|наименование|клиент|контрагент",
        "kind": "account kind|kind|account type|is company|is a company|tipo|tipo de cuenta|客户类型|类型|유형|тип",
        "is_customer": "is customer|is a customer|es cliente|是客户|고객 여부|покупатель",
        "is_supplier": "is supplier|is a supplier|es proveedor|是供应商|공급업체 여부|поставщик",
        "industry": "industry|sector|branch|trade|line of business|industria|ramo|行业|业务领域|업종|산업|отрасль|сфера деятельности",
        "employees": "employees|number of employees|numberofemployees|num employees|numemp|no of employees|headcount|staff|company size|empleados|número de empleados|员工|员工数|员工人数|직원수|직원 수|종업원수|сотрудники|число сотрудников|количество сотрудников",
        "annual_revenue": "annual revenue|annualrevenue|revenue|turnover|sales|yearly revenue|facturación|ingresos|ingresos anuales|volumen de negocio|年收入|营业额|年营业额|매출|연매출|매출액|выручка|оборот|годовой оборот|годовая выручка",
        "currency": "currency|currency code|currencyisocode|moneda|divisa|币种|货币|통화|валюта",
        "founded_year": "founded|founded year|year founded|year established|yearestablished|established|yearstarted|year started|since|fundada|año de fundación|成立年份|创立年份|成立时间|설립연도|설립년도|год основания|основана",
        "vat_id": "vat number|vat|vat id|vat no|vat reg no|vat registration number|tax id|tax number|tin|tax identification number|ein|gstin|abn|cif|nif|nif cif|cif nif|rfc|ruc|cuit|nit|cnpj|ust idnr|ust id|umsatzsteuer id|siret|partita iva|número de iva|identificación fiscal|税号|纳税人识别号|统一社会信用代码|사업자등록번호|사업자 등록번호|инн|инн кпп",
        "tax_relief": "tax relief|tax exemption|tax exemption reason|reason for tax exemption|motivo de exención|exención de iva|免税原因|免税理由|면세 사유|причина освобождения от ндс|основание освобождения",
        "country": "country|country id|country region|country code|business country region|billing country|billingcountry|headquarters|office location|address 1 country|país|国家|国家地区|국가|나라|страна",
        "region": "region|state|state id|province|county|business state|billing state|billingstate|state province|address 1 region|provincia|estado|comunidad|省份|省|地区|지역|도|регион|область|край",
        "city": "city|town|business city|billing city|billingcity|address 1 city|ciudad|población|localidad|城市|市|도시|시|город",
        "street": "street|organization address|address|address line 1|street address|business street|billing street|billingstreet|address 1 street|dirección|calle|domicilio|地址|街道|详细地址|주소|도로명주소|адрес|улица",
        "postcode": "postcode|post code|postal code|zip|zip code|zipcode|business postal code|billing postal code|billingpostalcode|address 1 postal code|código postal|cp|邮编|邮政编码|우편번호|индекс|почтовый индекс",
        "parent": "parent|parent account|parent company|related company|parentid|parent id|subsidiary of|belongs to|group|empresa matriz|matriz|filial de|母公司|上级公司|모회사|본사|상위 거래처|материнская компания|головная компания|холдинг",
    },
    "contacts": {
        **{field: names for field, names in COMMON.items() if field != "website"}, **FURTHER, "other_roles": "roles at other accounts", "mobile_no_calls": "do not call: mobile", "mobile_invalid": "mobile no longer good",
        "name": "name|full name|contact|contact name|display name|person name|person|nombre completo|contacto|nombre y apellidos|姓名|联系人|联系人姓名|이름|성명|담당자명|фио|имя и фамилия|контакт|контактное лицо",
        "first_name": "first name|firstname|given name|forename|nombre|nombre de pila|名|名字|이름(이름)|имя",
        "last_name": "last name|lastname|family name|surname|apellido|apellidos|姓|姓氏|성|фамилия",
        "street": "street|street address|address|home street|street home|home address|mailing street|address line 1|address 1 street|other street|dirección|calle|domicilio|地址|街道|详细地址|주소|도로명주소|адрес|улица",
        "postcode": "postcode|post code|postal code|zip|zip code|zipcode|home postal code|postcode home|home zipcode|home zip code|mailing zip postal code|mailing postal code|address 1 postal code|other postal code|código postal|cp|邮编|邮政编码|우편번호|индекс|почтовый индекс",
        "city": "city|town|home city|city home|mailing city|address 1 city|other city|ciudad|población|localidad|城市|市|도시|시|город",
        "region": "region|state|state region|province|county|home state|region home|mailing state province|mailing state|address 1 region|other state|provincia|estado|comunidad|省份|省|地区|지역|도|регион|область|край",
        "country": "country|country region|country code|home country region|home country|country home|mailing country|address 1 country|other country region|país|国家|国家地区|국가|나라|страна",
        "referred_by_id": "referred by|referrer|recomendado por|推荐人|소개자|кто порекомендовал",
        "job_title": "job title|jobtitle|title|position|role|function|occupation|profession|organization title|organization 1 title|job position|person job title|cargo|puesto|职位|职务|头衔|직책|직위|직함|должность",
        "mobile": "mobile|mobile phone|mobilephone|mobile phone number|cell|cell phone|cellphone|mobile number|person phone mobile|phone 2 value|móvil|celular|手机|手机号|移动电话|휴대폰|휴대전화|핸드폰|мобильный|мобильный телефон|моб. телефон",
        "how_to_address": "salutation|how to address|greeting|tratamiento|saludo|称呼|호칭|обращение",
        "language": "language|preferred language|idioma|lengua|语言|언어|язык",
        "preferred_channel": "preferred channel|preferred contact method|preferred method of contact|canal preferido|首选渠道|首选联系方式|선호 채널|предпочтительный канал",
        "preferred_hours": "preferred hours|best time|best time to call|preferred contact time|horario preferido|首选时间|선호 시간|удобное время",
        "timezone": "time zone|timezone|tz|huso horario|zona horaria|时区|시간대|часовой пояс",
        "birthday": "birthday|birthdate|birth date|date of birth|birth day|fecha de nacimiento|cumpleaños|生日|出生日期|생일|생년월일|день рождения|дата рождения",
        "account": "company|company name|account|account name|organization|organisation|organization name|organization 1 name|person organization|employer|related company|associated company|cuenta|empresa|compañía|公司|公司名称|单位|客户|회사|회사명|소속|거래처|компания|организация|место работы",
        "account_website": "website|web site|web page|webpage|url|homepage|company website|organization website|company domain name|website 1 value|web page 1|sitio web|网站|公司网站|홈페이지|сайт",
        "account_vat_id": "company vat|company tax id|company vat number|vat number|vat|vat id|tax id|nif|cif|税号|사업자등록번호|инн",
        "account_tax_relief": "company tax relief|company tax exemption",
        "account_phone": "company main phone|company phone|organization phone|teléfono de la empresa|公司电话|회사 전화|телефон компании",
        "account_mail": "company mail|company email|organization email",
        "account_industry": "company industry|industry|industria|行业|업종|отрасль",
        "account_street": "street work|business street|work address|company street|company address|organization address|dirección de la empresa|公司地址|회사 주소|адрес компании",
        "account_postcode": "postcode work|business postal code|work zipcode|work zip code|company postcode|company zip|company postal code",
        "account_city": "city work|business city|work city|company city",
        "account_region": "region work|business state|work state|company region|company state",
        "account_country": "country work|business country region|business country|work country|company country",
        **{column: column for column in TYPED},
    },
}
# Program -> what its exports have and hardly any other's: all of one of the groups. In this order.
ORIGINS = {
    "pipedrive": ("person name|person owner", "person name|person organization", "person name|person id", "organization name|organization id|organization owner"),
    "google": ("e mail 1 value|given name", "e mail 1 value|organization name", "e mail 1 value|first name", "phone 1 value|labels", "phone 1 value|group membership"),
    "outlook": ("business street|e mail address", "business phone|home phone 2", "e mail address|e mail display name", "e mail type|business phone"),
    "hubspot": ("record id|contact owner", "record id|company owner", "record id|lifecycle stage", "record id|lead status", "record id|deal stage", "record id|company domain name", "activity date|note body|associated contact"),
    "thunderbird": ("primary email|display name|screen name", "primary email|secondary email|work zipcode", "primary email|nickname|work phone"),
    "odoo": ("external id|related company", "is company|company name|vat", "external id|job position", "name|bank ids bank", "external id|name|mailing list"),
    "salesforce": ("account id|last name", "owner id|billing street", "owner id|mailing street", "name|billing street|annual revenue", "account number c|name", "account name|billing street|account owner", "id|name|website|annualrevenue"),
}
# Columns of a program that look like a field and are none: its own keys.
NO_FIELDS = {"salesforce": frozenset({"ownerid", "accountid"}), "thunderbird": frozenset({"birthday"})}
# Above what a file of rows left out says of them.
LEFT_OUT_TITLES = (N_("Line"), N_("Problem"))
# Above what a file of results says of its rows.
RESULT_TITLES = (N_("Line"), N_("Result"), N_("Reason"), N_("Record"), N_("Link"))
IGNORED = "photo|e mail 1 type|e mail 1 label|e mail 2 label|e mail 3 label|phone 1 type|phone 1 label|phone 2 type|phone 2 label|website 1 label|address 1 label"


def compact(header: str) -> str:
    """A header reduced to its letters and digits, without case and accents."""
    plain = unicodedata.normalize("NFKD", header.replace("_", " ")).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c) or "\u3099" <= c <= "\u309a")
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFC", plain))


@cache
def _lookup(kind: str) -> dict[str, list[tuple[int, str]]]:
    """Compact name -> (its rank among the field's names, field), for every field that it may mean."""
    found: dict[str, list[tuple[int, str]]] = {}
    for field, names in _names(kind).items():
        for rank, name in enumerate(dict.fromkeys(filter(None, map(compact, [*names.split("|"), field, *own_labels(field, kind), *_abroad(kind, field)])))):
            found.setdefault(name, []).append((rank, field))
    return found


def _names(kind: str) -> dict[str, str]:
    """Field -> what it is called in other people's files."""
    if kind in FIELDS:
        return FIELDS[kind]
    return {name: "|".join([target.names, *(FIELDS["contacts"][one] for one in target.like)]) for name, target in importables()[kind].targets.items()}


def _abroad(kind: str, field: str) -> list[str]:
    """The same in languages that Tendero doesn't speak itself."""
    if kind in FIELDS:
        return header_words.names_of(kind, field)
    return [name for one in importables()[kind].targets[field].like for name in header_words.names_of("contacts", one)]


@cache
def _set_by_none(kind: str) -> frozenset[str]:
    """Columns that our own export has and no file sets."""
    aside = importables()[kind].aside if kind in importables() else {}
    return frozenset(compact(said) for name, label in aside.items() for said in (name, *(i18n.gettext(language, label) for language in i18n.LANGUAGES)))


def own_labels(field: str, kind: str = "contacts") -> list[str]:
    """What our own exports write above the column, in every language."""
    if kind not in FIELDS:
        return [i18n.gettext(language, importables()[kind].targets[field].label) for language in i18n.LANGUAGES]
    label = LABELS.get({"account": "account_id", "parent": "parent_id"}.get(field, field)) or further.labels("contacts").get(field)
    names = ["account_id"] if field == "account" else []  # as an export calls it for programs
    return names + ([i18n.gettext(language, label) for language in i18n.LANGUAGES] if label else [])


def number_beside(header: list[str]) -> int:
    """How many columns stand before those of the file itself, where an import wrote it (core.transfer.reporting, core.transfer.results)."""
    names = [compact(name) for name in header]
    for titles in (RESULT_TITLES, LEFT_OUT_TITLES):
        said = ([compact(i18n.gettext(language, title)) for title in titles] for language in i18n.LANGUAGES)
        if len(header) > len(titles) and any(one == names[: len(titles)] for one in said):
            return len(titles)
    return 0


DROPPED = {compact(name) for name in IGNORED.split("|")}


def guess_mapping(kind: str, header: list[str], claimed: Collection[str] = (), fits: Callable[[int, str], bool] = lambda index, field: True) -> list[str]:
    """A target for each column: a field, "custom" (kept beside the fields) or "" (left out). No field twice:
    where two columns mean the same, the name listed first wins and the other is kept. claimed: compact names that mean
    something else here, unless they are what a field itself is called. fits(index, field): could the column's cells be of that field?"""
    beside = number_beside(header)
    left = DROPPED | _set_by_none(kind)
    targets = ["" if not name or compact(name) in left or index < beside else "custom" for index, name in enumerate(header)]
    strange = NO_FIELDS.get(origin_of(header) or "", frozenset())
    meant = sorted(
        (rank, index, field) for index, name in enumerate(header) if targets[index] and compact(name) not in strange
        for rank, field in _lookup(kind).get(compact(name), ()) if compact(name) not in claimed or compact(name) in map(compact, (field, *own_labels(field, kind)))
        if fits(index, field)
    )
    for _, index, field in meant:
        if targets[index] == "custom" and field not in targets:
            targets[index] = field
    targets = _settle_further(targets)
    if kind == "contacts":
        targets = _settle_company(_settle_person(targets, [compact(name) for name in header]))
    return _settle_names(_settle_family(targets, header)) if "first_name" in _names(kind) else targets


def is_doubtful(kind: str, header: list[str], index: int, field: str) -> bool:
    """May a column be something else that only its cells tell: a State beside a city, or that of the record?"""
    if kind in FIELDS or field != "state":
        return False
    parts = [{one for _, one in _lookup("contacts").get(compact(name), ())}.intersection(ADDRESS_FIELDS) for name in header]
    return "region" in parts[index] and any(part for place, part in enumerate(parts) if place != index)


def _settle_further(targets: list[str]) -> list[str]:
    """The first address or number that there is, is the main one; the numbers of the others follow it."""
    for kind in ("mail", "phone"):
        there = [name for name in (kind, f"{kind}_2", f"{kind}_3") if name in targets]
        moved = dict(zip(there, (kind, f"{kind}_2", f"{kind}_3"), strict=False))
        targets = [moved.get(target, target) for target in targets]
    return targets


def origin_of(header: list[str]) -> str | None:
    """The program whose export has such columns; None for anybody's own list."""
    names = {compact(name) for name in header}
    for program, groups in ORIGINS.items():
        if any(all(compact(one) in names for one in group.split("|")) for group in groups):
            return program
    return None


def is_english(kind: str, header: list[str]) -> bool:
    """Nothing above the columns is a word of another language alone."""
    names = {compact(name) for name in header}
    english = {compact(word) for names in _names(kind).values() for word in names.split("|") if word.isascii()}
    others = {compact(word) for field in _names(kind) for word in _abroad(kind, field)}
    return not (names & others) - english and all(name.isascii() for name in header)


def _settle_company(targets: list[str]) -> list[str]:
    """What is said of a company is only kept beside where no column names it; its address is the person's then."""
    if "account" in targets:
        return targets
    own = {f"account_{name}": name for name in ADDRESS_FIELDS if name not in targets}  # an address of nobody else is the person's
    return [own.get(target, "custom") if target.startswith("account_") else target for target in targets]


def _settle_person(targets: list[str], names: list[str]) -> list[str]:
    """Where a list of leads names each of them and a person beside, the person is the contact."""
    if "contactname" not in names or "name" not in targets or names[targets.index("name")] != "name":
        return targets
    return ["custom" if target == "name" else "name" if name == "contactname" else target for target, name in zip(targets, names, strict=True)]


def _settle_family(targets: list[str], header: list[str]) -> list[str]:
    """"Vorname, Name": beside a first name, these languages call the family name just the name."""
    if not {"name", "first_name"} <= set(targets) or "last_name" in targets:
        return targets
    called, first = (compact(header[targets.index(target)]) for target in ("name", "first_name"))
    beside = map(compact, header_words.FAMILY_FIRST.get(called, "").split("|"))
    return ["last_name" if target == "name" and first in beside else target for target in targets]


def _settle_names(targets: list[str]) -> list[str]:
    """One whole name, or its two parts, never both."""
    if "name" in targets:
        return ["custom" if target in ("first_name", "last_name") else target for target in targets]
    lone = [part for part in ("first_name", "last_name") if part in targets]
    return ["name" if lone == [target] else target for target in targets]


def signature(kind: str, header: list[str]) -> str:
    """Equal for files of the same columns, whatever an import wrote before them: under it a mapping is remembered."""
    return sha256("\x1f".join([kind, *map(compact, header[number_beside(header) :])]).encode()).hexdigest()


def custom_key(header: str) -> str:
    """The name under which a kept column's value is filed."""
    return re.sub(r"\W+", "_", header.strip().casefold()).strip("_")[:60] or "column"
