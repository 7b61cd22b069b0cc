"""A WSGI application: hello, and something slow."""

import time


def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        print("busy", flush=True)
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "6")])
    return [b"hello\n"]
