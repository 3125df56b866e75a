"""A WSGI application: / answers at once, any other path counts ?turns=N and then sleeps
?wait_ms=M."""
import time
from urllib.parse import parse_qs


def app(environ, start_response):
    headers = [("Content-Length", "4")]
    if environ["PATH_INFO"] != "/":
        query = parse_qs(environ["QUERY_STRING"])
        count = 0
        for _ in range(int(query["turns"][0])):
            count += 1
        wait_ms = float(query["wait_ms"][0])
        time.sleep(wait_ms / 1000)
        headers.append(("Server-Timing", f"wait;dur={wait_ms}"))
    start_response("200 OK", headers)
    return [b"done"]
