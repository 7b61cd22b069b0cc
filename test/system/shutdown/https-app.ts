/**
 * A server in Python that ends at once of SIGTERM. argv[1]: its key and certificate. It prints the ports of HTTPS and of HTTP.
 * `/held` is answered after `/release`, anything else at once.
 */
export const HTTPS_APP = `
import http.server, ssl, sys, tempfile, threading
released = threading.Event()
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        if self.path == '/held':
            print('held', flush=True)
            released.wait()
        if self.path == '/release':
            released.set()
        self.send_response(200)
        self.send_header('content-length', '9')
        self.end_headers()
        self.wfile.write(b'released\\n')
    def log_message(self, *words):
        pass
plain, tls = (http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler) for _ in range(2))
with tempfile.NamedTemporaryFile('w') as pem:
    pem.write(sys.argv[1])
    pem.flush()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem.name)
tls.socket = context.wrap_socket(tls.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=plain.serve_forever, daemon=True).start()
print(tls.server_port, plain.server_port, flush=True)
tls.serve_forever()
`;
