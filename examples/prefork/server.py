"""A prefork server with a warm shutdown, as Celery does it.

The master binds the socket and forks workers that accept on it. On SIGTERM the master, and only the master, tells each
worker through a pipe to finish its request in flight. A worker that gets SIGTERM itself exits at once and cuts its request.
"""

import os
import select
import signal
import socket
import time

WORKERS = 2
SLOW_SECONDS = 1.0


def answer(connection):
    request = connection.recv(65536).decode("latin-1")
    if request.startswith("GET /slow"):
        print(f"worker {os.getpid()} is busy", flush=True)
        time.sleep(SLOW_SECONDS)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nhello\n")
    connection.close()


def work(server, stop):
    """Accepts until the pipe says stop; never in the middle of a request."""
    server.setblocking(False)
    while True:
        readable, _, _ = select.select([server, stop], [], [])
        if stop in readable:
            return
        try:
            connection, _ = server.accept()
        except BlockingIOError:
            continue  # Another worker was faster.
        connection.setblocking(True)
        answer(connection)


def main():
    server = socket.create_server(("", int(os.environ.get("PORT", "8080"))), backlog=64)
    stop, told = os.pipe()
    # A signal that comes before the last worker has been started waits until then.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    workers = []
    for _ in range(WORKERS):
        pid = os.fork()
        if pid == 0:
            os.close(told)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
            work(server, stop)
            os._exit(0)
        workers.append(pid)
    # Closing the only writing end wakes every worker.
    signal.signal(signal.SIGTERM, lambda *_: os.close(told))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    for pid in workers:
        os.waitpid(pid, 0)
    print("warm shutdown: every worker has finished", flush=True)


if __name__ == "__main__":
    main()
