"""A small server of one kind, for tests: server.py KIND [HOST:]PORT|SOCKET [WORKERS]. Every kind
notes the processes that it becomes in the file PIDS, where that is given."""
import itertools
import os
import signal
import socket
import socketserver
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

kind, place = sys.argv[1], sys.argv[2]
counted = itertools.count()
workers = int(sys.argv[3]) if len(sys.argv) > 3 else 0


def note():
    if "PIDS" in os.environ:
        with open(os.environ["PIDS"], "a", encoding="ascii") as pids:
            pids.write(f"{os.getpid()}\n")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.0" if kind == "closing" else "HTTP/1.1"
    disable_nagle_algorithm = kind != "socket"

    def answer(self):
        length = int(self.headers.get("Content-Length", 0))
        asked = self.rfile.read(length)
        status = 200
        if kind == "failing" and self.path != "/":
            status = 500
        if kind == "demanding" and self.path != "/" and (
            self.command != "PUT"
            or asked != b"a body"
            or self.headers.get("X-Kind") != "demanding"
        ):
            status = 400
        if kind == "waiting":
            time.sleep(0.02)
        if kind == "mute":
            time.sleep(600)
        if kind == "dying" and next(counted) >= 30:
            os.kill(os.getpid(), signal.SIGSEGV)
        if kind == "slow":
            os.write(1, f"asked {self.path}\n".encode())  # whole, beside other threads' lines
            time.sleep(0.2)
        body = kind.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if kind == "waiting":
            self.send_header("Server-Timing", "wait;dur=20")
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, format, *args):
        pass


class UnixServer(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True

    def get_request(self):
        request, _ = super().get_request()
        return request, ("local", 0)


note()
print("this is", kind, "on", place, flush=True)
if kind == "leaving":
    sys.exit("it had to leave")
if kind == "silent":
    time.sleep(600)
if kind == "daemon":
    if os.fork() > 0:
        os._exit(0)
    os.setsid()
    if os.fork() > 0:
        os._exit(0)
    note()
if kind == "stubborn":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
if kind == "quiet":  # and slow to end
    os.close(1)
    os.close(2)
    signal.signal(signal.SIGTERM, lambda *_: (time.sleep(1), os._exit(0)))
if kind == "loud":
    for _ in range(100):
        sys.stdout.write("x" * (1 << 20) + "\n")
    print("these were many words", flush=True)
if kind == "socket":
    UnixServer(place, Handler).serve_forever()
ThreadingHTTPServer.request_queue_size = 128
host, _, port = place.rpartition(":")
if host.startswith("["):
    host, ThreadingHTTPServer.address_family = host[1:-1], socket.AF_INET6
server = ThreadingHTTPServer(
    (host or "127.0.0.1", int(port) + (1 if kind == "elsewhere" else 0)), Handler
)
if kind == "here":
    print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
for _ in range(workers):
    if os.fork() == 0:
        note()
        break
server.serve_forever()
