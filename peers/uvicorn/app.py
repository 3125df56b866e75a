"""An ASGI application: / answers at once; /loop counts ?turns=N in the event loop and then
sleeps ?wait_ms=M there, as async code does; /thread does both in a thread."""
import asyncio
import time
from urllib.parse import parse_qs


def count(turns):
    count = 0
    for _ in range(turns):
        count += 1


def count_and_sleep(turns, wait_s):
    count(turns)
    time.sleep(wait_s)


async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    headers = [(b"content-length", b"4")]
    if scope["path"] != "/":
        query = parse_qs(scope["query_string"].decode())
        turns, wait_ms = int(query["turns"][0]), float(query["wait_ms"][0])
        if scope["path"] == "/thread":
            await asyncio.to_thread(count_and_sleep, turns, wait_ms / 1000)
        else:
            count(turns)
            if wait_ms > 0:
                await asyncio.sleep(wait_ms / 1000)
        headers.append((b"server-timing", b"wait;dur=%g" % wait_ms))
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"done"})
