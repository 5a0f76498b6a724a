import Glibc

/// A registry on the loopback interface that does what a good one never does. It keeps what is put into memory, and writes a
/// line for each request.
///
/// A file `faults` in its folder has a fault a line, each with the part of a request's line that it is for, and how often it
/// happens: `cut:65536 /blobs/ 2` ends the connection after so many bytes of two answers.
package final class FaultyRegistry {
  package let folder: String
  package let port: Int
  private let process: BackgroundProcess

  package var authority: String { "127.0.0.1:\(port)" }

  private static let program = #"""
    import base64, hashlib, http.server, itertools, json, os, re, sys, threading, urllib.parse
    folder = sys.argv[1]
    blobs, manifests, uploads, lock = {}, {}, {}, threading.Lock()
    def setting(name):
        try:
            with open(folder + '/' + name) as file: return file.read().strip()
        except FileNotFoundError: return ''
    used, numbers = {}, itertools.count(1)
    def fault(kind, line):
        with lock:
            for number, text in enumerate(setting('faults').splitlines()):
                words = text.split()
                if words[0].split(':')[0] == kind and words[1] in line and used.get((number, text), 0) < int(words[2]):
                    used[(number, text)] = used.get((number, text), 0) + 1
                    return words[0].partition(':')[2] or '1'
        return None
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = 'HTTP/1.1'
        def log_message(self, *words): pass
        def answer(self, status, headers=(), body=b'', type='application/json'):
            self.send_response(status)
            names = [name for name, value in headers]
            for name, value in headers: self.send_header(name, value)
            if 'Content-Length' not in names: self.send_header('Content-Length', str(len(body)))
            if 'Content-Type' not in names: self.send_header('Content-Type', type)
            self.end_headers()
            if self.command != 'HEAD': self.wfile.write(body)
        def cut(self):
            self.close_connection = True
            self.wfile.flush()
            self.connection.shutdown(2)
        def handle_any(self):
            line = self.command + ' ' + self.path
            authorization = self.headers.get('Authorization', '')
            with lock, open(folder + '/requests', 'a') as file:
                file.write(line + ' range=' + self.headers.get('Range', '') + ' authorization=' + authorization + '\n')
            url = urllib.parse.urlparse(self.path)
            query = urllib.parse.parse_qs(url.query)
            length = int(self.headers.get('Content-Length') or 0)
            if url.path == '/token': return self.token(query, authorization, length)
            if fault('silent', line): return self.cut()
            status = fault('status', line)
            if status:
                self.rfile.read(length)
                headers = [('Retry-After', setting('retry-after'))] if setting('retry-after') else []
                if status == '401' and setting('token'): headers.append(('WWW-Authenticate', 'Bearer realm="http://%s/token",service="tests"' % self.headers['Host']))
                return self.answer(int(status), headers, b'{"errors":[{"code":"FAULT","message":"a made\\u001b[31m fault"}]}')
            if setting('token') and authorization != 'Bearer ' + setting('token'):
                self.rfile.read(length)
                realm = 'http://' + (setting('realm') or self.headers['Host']) + '/token'
                scope = setting('scope') or 'repository:team/app:pull'
                return self.answer(401, [('WWW-Authenticate', 'Bearer realm="%s",service="tests",scope="%s"' % (realm, scope))])
            if setting('basic') and authorization != 'Basic ' + base64.b64encode(setting('basic').encode()).decode():
                self.rfile.read(length)
                return self.answer(401, [('WWW-Authenticate', 'Basic realm="tests"')])
            if url.path == '/v2/': return self.answer(200)
            asked = re.fullmatch('/v2/(.+)/referrers/(.+)', url.path)
            if asked and setting('referrers'): return self.referrers(asked.group(1), asked.group(2), query)
            found = re.fullmatch('/v2/(.+)/(manifests|blobs)/(uploads/)?([^/]*)', url.path)
            if not found: return self.answer(404)
            name, kind, upload, last = found.groups()
            if upload is not None: return self.upload(name, last, query, length, line)
            (self.manifest if kind == 'manifests' else self.blob)(name, last, length, line)
        do_GET = do_HEAD = do_PUT = do_POST = do_PATCH = handle_any
        def token(self, query, authorization, length):
            body = self.rfile.read(length).decode()
            with lock, open(folder + '/tokens', 'a') as file:
                file.write('%s scopes=%s authorization=%s body=%s\n' % (self.command, ','.join(query.get('scope', [])), authorization, body))
            status = fault('tokenstatus', self.path)
            if status: return self.answer(int(status))
            self.answer(200, body=json.dumps({'token': setting('token'), 'expires_in': 3600}).encode())
        def manifest(self, name, last, length, line):
            if self.command == 'PUT':
                body = self.rfile.read(length)
                digest = 'sha256:' + hashlib.sha256(body).hexdigest()
                for key in (last, digest): manifests[(name, key)] = (self.headers['Content-Type'], body)
                subject = json.loads(body).get('subject')
                listed = [('OCI-Subject', subject['digest'])] if subject and setting('referrers') else []
                return self.answer(201, [('Docker-Content-Digest', digest)] + listed)
            if (name, last) not in manifests: return self.answer(404, body=b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"no"}]}')
            type, body = manifests[(name, last)]
            digest = 'sha256:' + hashlib.sha256(body).hexdigest()
            if fault('wrong', line): body = body.replace(b'{', b'{ ', 1)
            if fault('huge', line): body += b' ' * (5 << 20)
            self.answer(200, [('Docker-Content-Digest', digest)], body, type)
        def referrers(self, name, subject, query):
            found = []
            for (owner, key), (type, body) in sorted(manifests.items()):
                document = json.loads(body)
                if owner == name and key.startswith('sha256:') and (document.get('subject') or {}).get('digest') == subject:
                    found.append({'mediaType': type, 'digest': key, 'size': len(body), 'artifactType': document.get('artifactType', '')})
            start = int(query.get('from', ['0'])[0])
            headers = []
            if start + 1 < len(found): headers = [('Link', '</v2/%s/referrers/%s?from=%d>; rel="next"' % (name, subject, start + 1))]
            body = json.dumps({'schemaVersion': 2, 'mediaType': 'application/vnd.oci.image.index.v1+json', 'manifests': found[start:start + 1]})
            self.answer(200, headers, body.encode(), 'application/vnd.oci.image.index.v1+json')
        def blob(self, name, last, length, line):
            if last not in blobs: return self.answer(404, body=b'{"errors":[{"code":"BLOB_UNKNOWN","message":"no"}]}')
            body = blobs[last]
            if fault('redirect', line): return self.answer(307, [('Location', setting('location') + self.path)])
            if fault('wrong', line): body = body[:-1] + bytes([body[-1] ^ 1])
            if fault('short', line): body = body[:-1]
            if fault('long', line): body = body + b'x'
            status, headers = 200, []
            asked = re.fullmatch('bytes=([0-9]+)-', self.headers.get('Range', ''))
            if asked and not fault('norange', line):
                start = int(asked.group(1))
                if fault('otherrange', line): start = max(0, start - 1)
                headers.append(('Content-Range', 'bytes %d-%d/%d' % (start, len(body) - 1, len(body))))
                status, body = 206, body[start:]
            bytes_ = fault('cut', line)
            if not bytes_ or self.command == 'HEAD': return self.answer(status, headers, body, 'application/octet-stream')
            self.send_response(status)
            for key, value in headers: self.send_header(key, value)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body[:int(bytes_)])
            self.cut()
        def upload(self, name, last, query, length, line):
            if self.command == 'POST':
                self.rfile.read(length)
                if 'mount' in query and query['mount'][0] in blobs and setting('mounts'): return self.answer(201)
                with lock: last = str(next(numbers)); uploads[last] = b''
                return self.answer(202, [('Location', '/v2/%s/blobs/uploads/%s?state=0' % (name, last))])
            if last not in uploads: self.rfile.read(length); return self.answer(404)
            if self.command in ('PATCH', 'PUT') and length:
                bytes_ = fault('cut', line)
                content = self.headers.get('Content-Range')
                if content and int(content.split('-')[0]) != len(uploads[last]):
                    self.rfile.read(length)
                    return self.answer(416, [('Range', '0-%d' % (len(uploads[last]) - 1)), ('Location', self.path)])
                uploads[last] += self.rfile.read(min(length, int(bytes_)) if bytes_ else length)
                if bytes_: return self.cut()
            headers = [('Location', '/v2/%s/blobs/uploads/%s?state=%d' % (name, last, len(uploads[last]))), ('Range', '0-%d' % max(0, len(uploads[last]) - 1))]
            if self.command == 'GET': return self.answer(204, headers)
            if self.command == 'PATCH': return self.answer(202, headers)
            digest = 'sha256:' + hashlib.sha256(uploads[last]).hexdigest()
            if digest != query['digest'][0]: return self.answer(400, body=b'{"errors":[{"code":"DIGEST_INVALID","message":"other"}]}')
            blobs[digest] = uploads.pop(last)
            if fault('lost', line): return self.cut()
            self.answer(201, [('Docker-Content-Digest', digest)])
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    print('listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
    server.serve_forever()
    """#

  /// Starts the server, which needs python3.
  package init(_ folder: String) throws {
    self.folder = folder
    try Files.createFolder(folder)
    try Files.write(Array(Self.program.utf8), to: folder + "/server.py")
    process = try BackgroundProcess(["python3", folder + "/server.py", folder], log: folder + "/log")
    port = try process.loopbackPort()
  }

  /// Says what goes wrong from now on.
  package func set(_ name: String, _ text: String) throws {
    try Files.write(Array(text.utf8), to: folder + "/\(name).new")
    guard unsafe rename(folder + "/\(name).new", folder + "/" + name) == 0 else {
      throw FileFailure(operation: "rename", path: name, code: errno)
    }
  }

  /// A line for each request so far: `GET /v2/… range=… authorization=…`.
  package var requests: [String] { lines("requests") }
  /// A line for each request to the token server.
  package var tokens: [String] { lines("tokens") }

  private func lines(_ name: String) -> [String] {
    let text = String(decoding: (try? Files.read(folder + "/" + name)) ?? [], as: UTF8.self)
    return text.split(separator: "\n").map(String.init)
  }

  package func forgetRequests() {
    Files.remove(folder + "/requests")
    Files.remove(folder + "/tokens")
  }
}
