import Glibc
import OCIModel
import TestSupport
import Testing

@testable import Registry

@Suite("Credentials")
struct CredentialTests {
  private func withFile(_ text: String, _ body: (CredentialStore, String) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array(text.utf8), to: folder + "/config.json")
      try body(CredentialStore(paths: [folder + "/config.json"]), folder)
    }
  }

  @Test(
    "Entries are found by host, with and without what docker writes around it",
    arguments: [
      ("a.test", "a.test"), ("https://a.test", "a.test"), ("https://a.test/v1/", "a.test"),
      ("http://a.test/v2/", "a.test"),
      ("a.test:5000", "a.test:5000"), ("https://index.docker.io/v1/", "docker.io"),
      ("docker.io", "docker.io"),
    ])
  func keys(_ key: String, _ domain: String) throws {
    let text = #"{"auths":{"\#(key)":{"auth":"bWU6d29yZA=="},"b.test":{"auth":"eDp5"}}}"#
    try withFile(text) { (store, _) throws in
      #expect(try store.credential(domain: domain, path: "x") == .password(user: "me", password: "word"))
      #expect(try store.credential(domain: "c.test", path: "x") == nil)
    }
  }

  @Test("The longest part of a repository's name counts")
  func paths() throws {
    let text =
      #"{"auths":{"a.test":{"auth":"MTox"},"a.test/team":{"auth":"Mjoy"},"a.test/team/app":{"auth":"Mzoz"}}}"#
    try withFile(text) { (store, _) throws in
      for (path, wanted) in [
        ("x", "1"), ("team/x", "2"), ("team/app", "3"), ("team/app/more", "3"), ("teams", "1"),
      ] {
        #expect(
          try store.credential(domain: "a.test", path: path) == .password(user: wanted, password: wanted))
      }
    }
  }

  @Test("What is wrong in a file is said, without its secrets")
  func wrongFiles() throws {
    try withFile("[]") { store, folder in
      #expect(throws: CredentialError.document(path: folder + "/config.json", reason: "it is no object")) {
        try store.credential(domain: "a.test", path: "x")
      }
    }
    try withFile("{") { store, _ in
      #expect(throws: CredentialError.self) { try store.credential(domain: "a.test", path: "x") }
    }
    try withFile(#"{"auths":{"a.test":{"auth":"c2VjcmV0"}}}"#) { store, _ in
      do {
        _ = try store.credential(domain: "a.test", path: "x")
        Issue.record("no error")
      } catch { #expect("\(error)".contains("a.test") && !"\(error)".contains("secret")) }
    }
    try withFile("") { (store, _) throws in #expect(try store.credential(domain: "a.test", path: "x") == nil)
    }
  }

  @Test("Files are read in the order of docker and podman; REGISTRY_AUTH_FILE is alone")
  func order() {
    let all = ["HOME": "/h", "XDG_RUNTIME_DIR": "/r"]
    #expect(
      CredentialStore { all[$0] }.paths
        == ["/h/.docker/config.json", "/r/containers/auth.json", "/h/.config/containers/auth.json"])
    let docker = ["HOME": "/h", "DOCKER_CONFIG": "/d", "XDG_RUNTIME_DIR": "/r", "XDG_CONFIG_HOME": "/c"]
    #expect(
      CredentialStore { docker[$0] }.paths
        == ["/d/config.json", "/r/containers/auth.json", "/c/containers/auth.json"])
    #expect(CredentialStore { ["HOME": "/h", "REGISTRY_AUTH_FILE": "/f"][$0] }.paths == ["/f"])
    #expect(CredentialStore { _ in nil }.written == nil)
  }

  @Test("Login keeps what else is in the file, for its owner alone, and logout takes its own away")
  func login() throws {
    let old =
      #"{"HttpHeaders":{"X":"y"},"auths":{"https://a.test/v1/":{"auth":"b2xkOm9sZA=="},"b.test":{"auth":"eDp5"}}}"#
    try withFile(old) { store, folder in
      #expect(try store.keep(domain: "a.test", user: "me", password: "wörd:x") == folder + "/config.json")
      #expect(try store.credential(domain: "a.test", path: "x") == .password(user: "me", password: "wörd:x"))
      var status = stat()
      let found = unsafe stat(folder + "/config.json", &status)
      #expect(found == 0 && status.st_mode & 0o777 == 0o600)
      let text = String(decoding: try Files.read(folder + "/config.json"), as: UTF8.self)
      #expect(text.contains("\"X\": \"y\"") && text.contains("b.test") && !text.contains("b2xk"))
      #expect(try store.forget(domain: "a.test"))
      #expect(try !store.forget(domain: "a.test"))
      #expect(try store.credential(domain: "a.test", path: "x") == nil)
      #expect(try store.credential(domain: "b.test", path: "x") != nil)
    }
  }

  @Test("A new file, and the folder for it, are made")
  func newFile() throws {
    try Files.withTemporaryFolder { folder in
      let store = CredentialStore(paths: [folder + "/a/b/config.json"])
      #expect(try store.credential(domain: "docker.io", path: "library/x") == nil)
      _ = try store.keep(domain: "docker.io", user: "me", password: "word")
      let text = String(decoding: try Files.read(folder + "/a/b/config.json"), as: UTF8.self)
      #expect(text.contains("https://index.docker.io/v1/"))
      #expect(
        try store.credential(domain: "docker.io", path: "library/x")
          == .password(user: "me", password: "word"))
    }
  }

  @Test("A credential does not show itself")
  func hidden() {
    var text = ""
    dump(Credential.password(user: "me", password: "word"), to: &text)
    text += "\(Credential.identityToken("word")) \(String(reflecting: Credential.registryToken("word")))"
    #expect(!text.contains("word"))
  }

  @Test(
    "Plain http to another machine carries no credential",
    arguments: ["Basic realm=x", "Bearer realm=\"https://t.test/\""])
  func plainHTTP(_ challenge: String) throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      try desk.logIn("a.test", "me", "word")
      let transport = RecordingTransport { request in
        // It speaks no https.
        guard request.url.scheme == .http || request.url.host == "t.test" else { return nil }
        return (HTTPResponse(status: 401, headers: [HTTPHeader("WWW-Authenticate", challenge)]), [])
      }
      let error = failure { try desk.pull("a.test/x:1", .one(nil), desk.client(transport, isInsecure: true)) }
      #expect(error == .plainHTTP(host: "a.test"))
      #expect(transport.requests.count == 2 && transport.requests.allSatisfy { $0.authorization == nil })
      // Without being allowed to, it is not even asked.
      let strict = RecordingTransport { _ in nil }
      _ = failure { try desk.pull("a.test/x:1", .one(nil), desk.client(strict)) }
      #expect(!strict.requests.isEmpty && strict.requests.allSatisfy { $0.url.scheme == .https })
    }
  }

  @Test("A redirection from https to plain http is not followed")
  func downgrade() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      let transport = RecordingTransport { _ in
        (HTTPResponse(status: 302, headers: [HTTPHeader("Location", "http://a.test/x")]), [])
      }
      #expect(
        failure { try desk.pull("a.test/x:1", .one(nil), desk.client(transport)) }
          == .redirection(host: "a.test"))
      #expect(transport.requests.count == 1)
    }
  }

  @Test("docker.io's registry is at another host, and credentials go to its token server alone")
  func dockerHub() throws {
    try Files.withTemporaryFolder { folder in
      let desk = try Desk(folder)
      try desk.logIn("https://index.docker.io/v1/", "me", "word")
      let transport = RecordingTransport { request in
        if request.url.host == "t.test" {
          return (HTTPResponse(status: 200), Array(#"{"access_token":"abc"}"#.utf8))
        }
        guard request.authorization == "Bearer abc" else {
          return (
            HTTPResponse(
              status: 401,
              headers: [HTTPHeader("WWW-Authenticate", #"Bearer realm="https://t.test/t",service="s""#)]), []
          )
        }
        return (HTTPResponse(status: 404), [])
      }
      guard
        case .notFound(let answer)? = failure({ try desk.pull("node", .one(nil), desk.client(transport)) })
      else {
        Issue.record("no error")
        return
      }
      #expect(answer.request == "GET /v2/library/node/manifests/latest")
      #expect(
        transport.requests.map(\.url.host) == ["registry-1.docker.io", "t.test", "registry-1.docker.io"])
      #expect(
        transport.requests[1].url.target == "/t?service=s&scope=repository%3Alibrary%2Fnode%3Apull&account=me"
      )
      #expect(transport.requests[1].authorization?.hasPrefix("Basic ") == true)
    }
  }
}

@Suite("Credential helpers")
struct CredentialHelperTests {
  /// A helper `docker-credential-test` that keeps one credential in a file.
  private func withHelper(_ body: (String) throws -> Void) throws {
    try Files.withTemporaryFolder { folder in
      let script = """
        #!/bin/sh
        server=$(cat)
        case $1 in
        get)
          if [ "$server" = broken.test ]; then echo "the keychain is locked"; exit 3; fi
          if [ -e '\(folder)/kept' ]; then cat '\(folder)/kept'; else echo "credentials not found in native keychain"; exit 1; fi ;;
        store) echo "$server" > '\(folder)/kept' ;;
        erase) if [ -e '\(folder)/kept' ]; then rm '\(folder)/kept'; else echo "credentials not found in native keychain"; exit 1; fi ;;
        esac
        """
      try Files.write(Array(script.utf8), to: folder + "/docker-credential-test")
      _ = unsafe chmod(folder + "/docker-credential-test", 0o755)
      try body(folder)
    }
  }

  @Test("get, store and erase speak docker's protocol")
  func protocolOfDocker() throws {
    try withHelper { folder in
      let helper = CredentialHelper(name: "test", folder: folder)
      #expect(try helper.get("a.test") == nil)
      try helper.store("a.test", user: "me", password: "a \"word\"")
      #expect(try helper.get("a.test") == .password(user: "me", password: "a \"word\""))
      try helper.store("a.test", user: "<token>", password: "refresh")
      #expect(try helper.get("a.test") == .identityToken("refresh"))
      #expect(try helper.erase("a.test"))
      #expect(try !helper.erase("a.test"))
      #expect(
        throws: CredentialError.helperFailed(
          name: "docker-credential-test", status: 3, message: "the keychain is locked")
      ) {
        try helper.get("broken.test")
      }
      #expect(throws: CredentialError.helperMissing(name: "docker-credential-nothere", code: ENOENT)) {
        try CredentialHelper(name: "nothere", folder: folder).get("a.test")
      }
    }
  }
}
