"""Providers at whose addresses anybody may have one: who writes from there does not say for which company."""

FREE_MAIL = frozenset((
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk hotmail.fr hotmail.de hotmail.es live.com msn.com yahoo.com yahoo.co.uk yahoo.de yahoo.fr yahoo.es ymail.com "
    "icloud.com me.com mac.com aol.com gmx.de gmx.net gmx.com gmx.at gmx.ch web.de t-online.de freenet.de posteo.de mailbox.org proton.me protonmail.com pm.me tutanota.com tuta.com "
    "mail.com zoho.com fastmail.com hey.com mail.ru bk.ru inbox.ru list.ru yandex.ru yandex.com ya.ru rambler.ru qq.com foxmail.com 163.com 126.com sina.com sohu.com aliyun.com 139.com "
    "naver.com hanmail.net daum.net kakao.com nate.com orange.fr wanadoo.fr free.fr laposte.net sfr.fr libero.it virgilio.it tiscali.it terra.es telefonica.net btinternet.com comcast.net verizon.net"
).split())
