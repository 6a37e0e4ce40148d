"""What a browser calls itself, in words a person knows: "Firefox, Windows"."""

BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("YaBrowser/", "Yandex"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "macOS"), ("CrOS", "ChromeOS"), ("Linux", "Linux"))


def named(agent: str | None) -> str:
    """Browser and system; the beginning of the text itself where it is neither; empty for none."""
    found = [next((name for mark, name in known if mark in (agent or "")), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(part for part in found if part) or (agent or "")[:60]
