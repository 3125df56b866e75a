"""Ten threads of CPython that count at once: prints when each ended, in seconds."""
import sys
import threading
import time


def count(turns):
    done = 0
    for _ in range(turns):
        done += 1
    return done


def main(turns):
    ends = []
    go = threading.Barrier(11)

    def run():
        go.wait()
        count(turns)
        ends.append(time.monotonic())

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    go.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    for end in ends:
        print(end - began)


main(int(sys.argv[1]))
