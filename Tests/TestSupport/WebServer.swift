import Glibc

/// A web server on the loopback interface, and a folder that it shows.
package final class WebServer {
  package let folder: String
  package let port: String
  private let process: pid_t

  package var url: String { "http://127.0.0.1:\(port)" }

  /// What a plain server of files does not do.
  private static let program = """
    import http.server, os, sys, time
    os.chdir(sys.argv[1])
    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *words): pass
        def answer(self, status, headers, body=b''):
            self.send_response(status)
            for name, value in headers: self.send_header(name, value)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        def do_GET(self):
            if self.path.startswith('/to/'):
                old = ('Last-Modified', 'Mon, 01 Jan 2001 00:00:00 GMT')
                self.answer(302, [('Location', self.path[3:]), old])
            elif self.path == '/leave': self.answer(302, [('Location', 'file:///etc/passwd')])
            elif self.path == '/slow': time.sleep(60)
            elif self.path == '/circle': self.answer(302, [('Location', '/circle')])
            elif self.path == '/?named':
                self.answer(200, [('Content-Disposition', 'attachment; filename="../said name"')], b'named')
            elif self.path == '/': self.answer(200, [], b'nameless')
            elif self.path.startswith('/timeless/'):
                with open(self.path[10:], 'rb') as file: self.answer(200, [], file.read())
            else: super().do_GET()
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    with open(sys.argv[2] + '.new', 'w') as file: file.write(str(server.server_port))
    os.rename(sys.argv[2] + '.new', sys.argv[2])
    server.serve_forever()
    """

  /// Starts the server, which needs python3.
  /// - Parameter base: a folder for its files; it shows `www` in it.
  package init(_ base: String) throws {
    folder = base + "/www"
    try Files.createFolder(folder)
    try Files.write(Array(Self.program.utf8), to: base + "/server.py")
    guard let python = Processes.find("python3") else {
      throw FileFailure(operation: "find", path: "python3", code: ENOENT)
    }
    let words = [python, base + "/server.py", folder, base + "/port"]
    var arguments: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe arguments.append(nil)
    defer { unsafe arguments.forEach { unsafe free($0) } }
    var process: pid_t = 0
    let code = unsafe posix_spawn(&process, words[0], nil, nil, arguments, environ)
    guard code == 0 else { throw FileFailure(operation: "start", path: python, code: code) }
    self.process = process
    for _ in 0..<500 where !Files.exists(base + "/port") { usleep(20_000) }
    port = String(decoding: try Files.read(base + "/port"), as: UTF8.self)
  }

  deinit {
    kill(process, SIGKILL)
    var status: Int32 = 0
    _ = unsafe waitpid(process, &status, 0)
  }

  /// Writes a file that the server shows.
  package func write(_ path: String, _ text: String, modified: Int = 1_600_000_000) throws {
    let file = folder + "/" + path
    try Files.write(Array(text.utf8), to: file)
    let times = [timespec(tv_sec: 0, tv_nsec: 0), timespec(tv_sec: modified, tv_nsec: 0)]
    guard unsafe utimensat(AT_FDCWD, file, times, 0) == 0 else {
      throw FileFailure(operation: "set the time of", path: file, code: errno)
    }
  }
}
