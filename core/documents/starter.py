"""The print templates that a workspace begins with: one for the quotes of each language, each in its own words."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.documents.models import COLUMNS, PrintTemplate

# language -> (name, before the items, after the totals); data of the workspace from the first day on, so they are not in the catalogues
STARTERS = {
    "en": ("Quote", "Thank you for your enquiry. We are pleased to make you this offer:", "Do you have questions? {owner} is glad to help you: {owner_mail}"),
    "es": ("Presupuesto", "Gracias por su consulta. Con mucho gusto le ofrecemos:", "¿Tiene alguna pregunta? {owner} le atenderá con gusto: {owner_mail}"),
    "zh": ("报价单", "感谢您的询价，我们很高兴为您提供以下报价：", "如有疑问，请联系 {owner}：{owner_mail}"),
    "ko": ("견적서", "문의해 주셔서 감사합니다. 다음과 같이 견적을 드립니다.", "궁금한 점은 {owner}에게 문의해 주십시오: {owner_mail}"),
    "ru": ("Коммерческое предложение", "Благодарим за ваш запрос. Мы рады предложить вам следующее:", "Есть вопросы? Вам поможет {owner}: {owner_mail}"),
}


def make_starter(session: Session) -> None:
    """Those templates; nothing where there is one already."""
    if session.execute(select(PrintTemplate.id).limit(1)).first():
        return
    for language, (name, intro, closing) in STARTERS.items():
        session.add(PrintTemplate(kind="quote", name=name, language=language, is_default=True, intro=intro, closing=closing, columns=list(COLUMNS)))
    session.flush()  # whoever reads them next finds them
