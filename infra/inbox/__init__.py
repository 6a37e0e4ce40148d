"""Mails that come in: bytes as they were sent become `infra.incoming.Incoming`.

`limited.read_many` opens them in a child process of its own with little memory and little time, as infra/readers opens files;
`reading.read` is what happens there. Whatever the bytes are, the answer is a mail or "it can't be read", and the caller keeps the bytes.
"""

# A mail larger than this is not opened (RELIABILITY 6: 25 MiB); deeper or wider ones are opened as far as this.
MOST_BYTES = 25 * 1024 * 1024
MOST_PARTS = 200
MOST_DEPTH = 20
MOST_TEXT = 500_000
