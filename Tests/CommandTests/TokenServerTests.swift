import TestSupport
import Testing

/// A registry that believes the tokens of a server, as large registries do.
@Suite(
  "A token server before Debian's docker-registry",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"),
  .enabled(
    if: Processes.find("python3") != nil && Processes.find("openssl") != nil, "needs python3 and openssl"))
struct TokenServerTests {
  /// Gives tokens (distribution/docs/spec/auth/jwt.md), signed by openssl: everybody may pull from `open`, and `me` may do everything.
  private static let program = #"""
    import base64, http.server, json, subprocess, sys, time, urllib.parse
    folder = sys.argv[1]
    def text(bytes): return base64.urlsafe_b64encode(bytes).rstrip(b'=').decode()
    certificate = subprocess.run(['openssl', 'x509', '-in', folder + '/cert.pem', '-outform', 'DER'], capture_output=True, check=True).stdout
    def sign(claims):
        header = {'typ': 'JWT', 'alg': 'RS256', 'x5c': [base64.b64encode(certificate).decode()]}
        payload = text(json.dumps(header).encode()) + '.' + text(json.dumps(claims).encode())
        signature = subprocess.run(['openssl', 'dgst', '-sha256', '-sign', folder + '/key.pem'], input=payload.encode(), capture_output=True, check=True).stdout
        return payload + '.' + text(signature)
    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *words): pass
        def do_GET(self):
            query = urllib.parse.parse_qs(urllib.parse.urlparse(self.path).query)
            shown = self.headers.get('Authorization', '')
            right = 'Basic ' + base64.b64encode(b'me:pass word').decode()
            with open(folder + '/asked', 'a') as file: file.write(','.join(query.get('scope', [])) + (' me\n' if shown == right else '\n'))
            if shown not in ('', right):
                body = b'{"errors":[{"code":"UNAUTHORIZED","message":"no such account"}]}'
                self.send_response(401)
            else:
                access = []
                for scope in query.get('scope', []):
                    kind, name, actions = scope.split(':')
                    allowed = [action for action in actions.split(',') if shown == right or (name.startswith('open') and action == 'pull')]
                    if allowed: access.append({'type': kind, 'name': name, 'actions': allowed})
                now = int(time.time())
                claims = {'iss': 'tests', 'sub': 'me' if shown else '', 'aud': query['service'][0], 'exp': now + 300, 'nbf': now - 10, 'iat': now, 'jti': str(time.monotonic_ns()), 'access': access}
                body = json.dumps({'token': sign(claims), 'expires_in': 300}).encode()
                self.send_response(200)
            self.send_header('Content-Length', str(len(body)))
            self.end_headers()
            self.wfile.write(body)
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Handler)
    print('listening on 127.0.0.1:%d' % server.server_address[1], flush=True)
    server.serve_forever()
    """#

  private struct Shop {
    let folder: String
    let program: String
    let registry: DockerRegistry
    let server: BackgroundProcess

    func slipway(_ arguments: [String], input: String = "", root: String = "store") throws -> ProcessResult {
      try Processes.run(
        program, arguments,
        environment: [
          "HOME": folder + "/home", "SLIPWAY_ROOT": "\(folder)/\(root)", "DOCKER_CONFIG": nil,
          "REGISTRY_AUTH_FILE": nil, "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil,
          "SLIPWAY_REGISTRY_MIRRORS": "", "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil,
          "HTTPS_PROXY": nil, "ALL_PROXY": nil, "all_proxy": nil,
        ], input: Array(input.utf8), folder: folder)
    }

    @discardableResult
    func run(_ arguments: String..., root: String = "store") throws -> String {
      let result = try slipway(arguments, root: root)
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result.outputText
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let files = folder + "/tokens"
      try Files.createFolder(files)
      try Files.createFolder(folder + "/home")
      let made = try Processes.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests", "-keyout",
          files + "/key.pem", "-out", files + "/cert.pem",
        ])
      #expect(made.status == 0, "\(made.errorText)")
      try Files.write(Array(Self.program.utf8), to: files + "/server.py")
      let server = try BackgroundProcess(["python3", files + "/server.py", files], log: files + "/log")
      let port = try server.loopbackPort()
      let registry = try DockerRegistry(
        folder + "/registry",
        settings: """
          auth: {token: {realm: "http://127.0.0.1:\(port)/token", service: "the tests", issuer: tests, rootcertbundle: \(files)/cert.pem}}

          """)
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /\n".utf8), to: folder + "/c/Dockerfile")
      try body(Shop(folder: folder, program: program, registry: registry, server: server))
    }
  }

  @Test("Who is logged in pushes and pulls; blobs are mounted with a token for both repositories")
  func account() throws {
    try withShop { (shop) throws in
      let name = shop.registry.authority + "/team/app:1"
      let login = try shop.slipway(
        ["login", "-u", "me", "--password-stdin", shop.registry.authority], input: "pass word\n")
      #expect(login.status == 0, "\(login.errorText)")
      let digest = try shop.run("build", "-q", "-t", name, "--push", "c")
      #expect(try shop.run("pull", name, root: "other").hasPrefix("Digest: \(digest)"))
      #expect(try shop.run("verify", root: "other") == "")
      try shop.run("tag", name, shop.registry.authority + "/team/again:1")
      let again = try shop.slipway(["push", shop.registry.authority + "/team/again:1"])
      #expect(again.status == 0 && again.errorText.contains(": Mounted from team/app"), "\(again.errorText)")
      let asked = String(decoding: try Files.read(shop.folder + "/tokens/asked"), as: UTF8.self)
      #expect(
        asked.contains("repository:team/again:pull,push,repository:team/app:pull me\n"), "\(asked)")
    }
  }

  @Test("Everybody may pull what is open, and is told to log in for the rest")
  func everybody() throws {
    try withShop { (shop) throws in
      let login = try shop.slipway(
        ["login", "-u", "me", "--password-stdin", shop.registry.authority], input: "pass word\n")
      #expect(login.status == 0, "\(login.errorText)")
      for path in ["open/app:1", "team/app:1"] {
        try shop.run("build", "-q", "-t", "\(shop.registry.authority)/\(path)", "--push", "c")
      }
      try shop.run("logout", shop.registry.authority)
      try shop.run("pull", "\(shop.registry.authority)/open/app:1", root: "other")
      for arguments in [
        ["pull", "\(shop.registry.authority)/team/app:1"], ["push", "\(shop.registry.authority)/open/app:1"],
      ] {
        let refused = try shop.slipway(arguments)
        #expect(refused.status == 1)
        #expect(refused.errorText.contains("does not let everybody in"), "\(refused.errorText)")
        #expect(refused.errorText.contains("log in with `slipway login`"), "\(refused.errorText)")
      }
    }
  }

  @Test("A wrong password is said to be wrong, with the server that says so, and is not shown")
  func wrongPassword() throws {
    try withShop { (shop) throws in
      let login = try shop.slipway(
        ["login", "-u", "me", "--password-stdin", shop.registry.authority], input: "wrong-word\n")
      #expect(login.status == 1)
      #expect(login.errorText.contains("does not take the name and password"), "\(login.errorText)")
      // One that has been right once.
      try Files.write(
        Array(#"{"auths":{"\#(shop.registry.authority)":{"auth":"bWU6d3Jvbmctd29yZA=="}}}"#.utf8),
        to: shop.folder + "/home/.docker/config.json")
      let refused = try shop.slipway(["pull", "\(shop.registry.authority)/open/app:1"])
      #expect(refused.status == 1)
      #expect(refused.errorText.contains("does not let this account in"), "\(refused.errorText)")
      #expect(refused.errorText.contains("whether its password is still right"), "\(refused.errorText)")
      #expect(!(login.errorText + refused.errorText).contains("wrong-word"))
      #expect(!(login.errorText + refused.errorText).contains("bWU6"))
    }
  }
}
