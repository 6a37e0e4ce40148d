"""A mail's bytes for tests."""


def mail(*heads: str, body: str = "Good day", sender: str = "Anna Meier <anna@example.com>") -> bytes:
    lines = [*heads, f"From: {sender}", "To: us@acme.example", "Subject: Pumps", "Message-ID: <m1@example.com>", "Date: Mon, 02 Nov 2026 10:00:00 +0100"]
    return ("\r\n".join(lines) + "\r\n\r\n" + body.replace("\n", "\r\n")).encode()
