"""The article's server: server.py ADDRESS PORT [PROCESSES]. Its handlers count ?turns=N and then
sleep ?wait_ms=M; /async/ fetches ?url=URL."""
import sys
import time
from concurrent.futures import ProcessPoolExecutor

from tornado import httpclient, httpserver, ioloop, web


def heavy_func(arg, turns, wait_ms):
    count = 0
    for i in range(turns):
        count += 1
    time.sleep(wait_ms / 1000)
    return arg


class IndexRequestHandler(web.RequestHandler):
    def get(self):
        self.write("hello, world")


class HeavyRequestHandler(web.RequestHandler):
    def prepare(self):
        turns = int(self.get_argument("turns", "100000000"))
        wait_ms = float(self.get_argument("wait_ms", "0"))
        self.work = ("done", turns, wait_ms)
        self.set_header("Server-Timing", f"wait;dur={wait_ms}")


class BlockingRequestHandler(HeavyRequestHandler):
    def get(self):
        self.write(heavy_func(*self.work))


class ThreadingRequestHandler(HeavyRequestHandler):
    async def get(self):
        loop = ioloop.IOLoop.current()
        self.write(await loop.run_in_executor(None, heavy_func, *self.work))


class ProcessingRequestHandler(HeavyRequestHandler):
    async def get(self):
        loop = ioloop.IOLoop.current()
        pool = ProcessPoolExecutor()
        self.write(await loop.run_in_executor(pool, heavy_func, *self.work))


class AsyncRequestHandler(web.RequestHandler):
    async def get(self):
        client = httpclient.AsyncHTTPClient()
        self.write((await client.fetch(self.get_argument("url"))).body)


server = httpserver.HTTPServer(
    web.Application(
        [
            (r"/?", IndexRequestHandler),
            (r"/blocking/?", BlockingRequestHandler),
            (r"/threading/?", ThreadingRequestHandler),
            (r"/processing/?", ProcessingRequestHandler),
            (r"/async/?", AsyncRequestHandler),
        ]
    )
)
server.bind(int(sys.argv[2]), sys.argv[1])
server.start(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
ioloop.IOLoop.current().start()
