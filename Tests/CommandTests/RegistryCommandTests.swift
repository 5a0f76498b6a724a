import Glibc
import TestSupport
import Testing

/// `pull`, `push`, `login`, `logout`, and builds from and to a real registry.
@Suite(
  "Registries, with Debian's docker-registry",
  .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct RegistryCommandTests {
  /// A folder with a context `c`, and a home of its own.
  private struct Shop {
    let folder: String
    let program: String

    func slipway(_ arguments: [String], input: String = "", _ variables: [String: String?] = [:]) throws
      -> ProcessResult
    {
      let own: [String: String?] = [
        "HOME": folder + "/home", "SLIPWAY_ROOT": folder + "/store", "DOCKER_CONFIG": nil,
        "REGISTRY_AUTH_FILE": nil,
        "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil, "SOURCE_DATE_EPOCH": "1700000000",
        "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil, "HTTPS_PROXY": nil, "ALL_PROXY": nil,
        "all_proxy": nil,
      ]
      return try Processes.run(
        program, arguments, environment: own.merging(variables) { $1 }, input: Array(input.utf8),
        folder: folder)
    }

    /// Runs slipway, which has to do well.
    @discardableResult
    func run(_ arguments: String..., root: String? = nil) throws -> String {
      let result = try slipway(arguments, root.map { ["SLIPWAY_ROOT": folder + "/" + $0] } ?? [:])
      #expect(result.status == 0, "\(arguments): \(result.errorText)")
      return result.outputText
    }

    func write(_ path: String, _ text: String) throws {
      try Files.write(Array(text.utf8), to: folder + "/" + path)
    }
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      let shop = Shop(folder: folder, program: program)
      try shop.write("c/Dockerfile", "FROM scratch\nCOPY f /f\nLABEL a=b\n")
      try shop.write("c/f", "content\n")
      try Files.createFolder(folder + "/home")
      try body(shop)
    }
  }

  @Test("What is pushed comes back with the same digest, and skopeo reads it")
  func roundTrip() throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry")
      let name = registry.authority + "/team/app:1"
      let digest = try shop.run("build", "-q", "-t", name, "c").split(separator: "\n")[0]
      let pushed = try shop.run("push", name)
      #expect(pushed.hasPrefix("\(name): digest: \(digest) size: "))
      #expect(try shop.run("push", "-q", name) == "\(digest)\n")
      let pulled = try shop.run("pull", name, root: "other")
      #expect(
        pulled.hasPrefix("Digest: \(digest)\nStatus: Downloaded newer image for \(name)\n")
          && pulled.hasSuffix("\(name)\n"))
      #expect(try shop.run("pull", name, root: "other").contains("Status: Image is up to date for"))
      #expect(
        try shop.run("pull", "-q", "\(registry.authority)/team/app@\(digest)", root: "third").hasSuffix(
          "@\(digest)\n"))
      for root in ["other", "third"] { #expect(try shop.run("verify", root: root) == "") }
      if Processes.find("skopeo") != nil {
        let seen = try Processes.run(
          "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + name])
        #expect(seen.outputText == "\(digest)\n", "\(seen.errorText)")
      }
    }
  }

  @Test(
    "What skopeo puts into a registry, in both formats, comes as it is",
    .enabled(if: Processes.find("skopeo") != nil, "skopeo is not installed"))
  func fromSkopeo() throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry")
      try shop.run("build", "-q", "-t", "app:1", "-o", "app.tar", "c")
      for format in ["oci", "v2s2"] {
        let name = "\(registry.authority)/\(format):1"
        let copied = try Processes.run(
          "skopeo",
          [
            "copy", "--dest-tls-verify=false", "--format", format, "oci-archive:\(shop.folder)/app.tar",
            "docker://" + name,
          ])
        #expect(copied.status == 0, "\(copied.errorText)")
        let seen = try Processes.run(
          "skopeo", ["inspect", "--tls-verify=false", "--format", "{{.Digest}}", "docker://" + name])
        #expect(try shop.run("pull", name).hasPrefix("Digest: \(seen.outputText)"))
        let again = "\(registry.authority)/again-\(format):1"
        try shop.run("tag", name, again)
        #expect(try shop.run("push", "-q", again) == seen.outputText)
      }
      #expect(try shop.run("verify") == "")
    }
  }

  @Test("FROM takes what the store does not have from its registry, and needs no network for what it has")
  func base() throws {
    try withShop { shop in
      let name: String
      do {
        let registry = try DockerRegistry(shop.folder + "/registry")
        name = registry.authority + "/base:1"
        try shop.run("build", "-q", "-t", name, "--push", "c")
        try shop.write("d/Dockerfile", "FROM \(name)\nCOPY --from=\(name) /f /g\n")
        let built = try shop.slipway(
          ["build", "--progress", "plain", "d"], ["SLIPWAY_ROOT": shop.folder + "/other"])
        #expect(built.status == 0, "\(built.errorText)")
        #expect(built.errorText.contains("pull \(name)"))
        #expect(try shop.run("images", "-q", root: "other").split(separator: "\n").count == 2)

        // A tag that has moved is seen by --pull alone.
        try shop.write("c/f", "new content\n")
        try shop.run("build", "-q", "-t", name, "--push", "c", root: "third")
        let old = try shop.run("build", "-q", "d", root: "other")
        let new = try shop.run("build", "-q", "--pull", "d", root: "other")
        #expect(old != new)
        #expect(try shop.run("build", "-q", "--pull", "d", root: "other") == new)
      }
      // The registry is gone.
      try shop.run("build", "-q", "d", root: "other")
      let refused = try shop.slipway(["build", "--pull", "d"], ["SLIPWAY_ROOT": shop.folder + "/other"])
      #expect(refused.status == 1)
      #expect(
        refused.errorText.contains("Dockerfile:1:6: error: the base image `\(name)` cannot be pulled"),
        "\(refused.errorText)")
    }
  }

  @Test("build pushes by --push, type=registry and push=true; an index with all its platforms")
  func buildPush() throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry")
      let name = registry.authority + "/app"
      for (number, output) in [["--push"], ["-o", "type=registry"], ["-o", "type=image,push=true"]]
        .enumerated()
      {
        let result = try shop.slipway(["build", "-q", "-t", "\(name):\(number)", "c"] + output)
        #expect(result.status == 0, "\(result.errorText)")
        let digest = result.outputText.split(separator: "\n")[0]
        #expect(try shop.run("pull", "\(name):\(number)", root: "other").hasPrefix("Digest: \(digest)\n"))
      }
      let index = try shop.slipway(
        [
          "build", "-q", "--platform", "linux/amd64,linux/arm64", "-o", "type=registry,name=\(name):multi",
          "c",
        ])
      #expect(index.status == 0, "\(index.errorText)")
      let digest = index.outputText.split(separator: "\n")[0]
      #expect(
        try shop.run("pull", "--all-platforms", "\(name):multi", root: "third").hasPrefix(
          "Digest: \(digest)\n"))
      #expect(
        try shop.run("pull", "--platform", "arm64", "\(name):multi", root: "fourth").hasPrefix(
          "Digest: \(digest)\n"))
      #expect(try shop.run("verify", root: "fourth") == "")
      let part = try shop.slipway(
        ["push", "--all-platforms", "\(name):multi"], ["SLIPWAY_ROOT": shop.folder + "/fourth"])
      #expect(
        part.status == 1 && part.errorText.contains("linux/amd64 is not in the local store"),
        "\(part.errorText)")
    }
  }

  @Test(
    "A registry with htpasswd wants a login; it is kept, and forgotten",
    .enabled(if: Processes.find("htpasswd") != nil, "htpasswd is not installed"))
  func login() throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry", users: [("me", "pass word")])
      let name = registry.authority + "/app:1"
      try shop.run("build", "-q", "-t", name, "c")
      let refused = try shop.slipway(["push", name])
      #expect(
        refused.status == 1 && refused.errorText.contains("log in with `slipway login`"),
        "\(refused.errorText)")
      let wrong = try shop.slipway(
        ["login", "-u", "me", "--password-stdin", registry.authority], input: "wrong\n")
      #expect(wrong.status == 1 && wrong.errorText.contains("does not take the name and password"))
      #expect(!wrong.errorText.contains("wrong\n"))
      #expect(!Files.exists(shop.folder + "/home/.docker/config.json"))
      let right = try shop.slipway(
        ["login", "-u", "me", "--password-stdin", registry.authority], input: "pass word\n")
      #expect(right.status == 0 && right.outputText == "Login Succeeded\n", "\(right.errorText)")
      try shop.run("push", name)
      try shop.run("pull", name, root: "other")
      if Processes.find("skopeo") != nil {
        let seen = try Processes.run(
          "skopeo", ["inspect", "--tls-verify=false", "docker://" + name],
          environment: ["REGISTRY_AUTH_FILE": shop.folder + "/home/.docker/config.json"])
        #expect(seen.status == 0, "\(seen.errorText)")
      }
      #expect(try shop.run("logout", registry.authority).contains("Removed"))
      #expect(try shop.slipway(["logout", registry.authority]).status == 1)
      #expect(try shop.slipway(["pull", name], ["SLIPWAY_ROOT": shop.folder + "/fifth"]).status == 1)
    }
  }

  @Test(
    "An own authority is trusted when its certificate is in certs.d, in --cert-dir or SSL_CERT_FILE",
    .enabled(if: Processes.find("openssl") != nil, "openssl is not installed"))
  func certificates() throws {
    try withShop { shop in
      let files = shop.folder + "/tls"
      try Files.createFolder(files)
      let made = try Processes.run(
        "openssl",
        [
          "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tests", "-addext",
          "subjectAltName=IP:127.0.0.1", "-keyout", files + "/key.pem", "-out", files + "/ca.crt",
        ])
      #expect(made.status == 0, "\(made.errorText)")
      let registry = try DockerRegistry(
        shop.folder + "/registry", certificate: (files + "/ca.crt", files + "/key.pem"))
      let name = registry.authority + "/app:1"
      try shop.run("build", "-q", "-t", name, "c")
      let refused = try shop.slipway(["push", name])
      #expect(refused.status == 2 && refused.errorText.contains("cannot be trusted"), "\(refused.errorText)")
      for arguments in [["--insecure"], ["--tls-verify=false"], ["--cert-dir", files]] {
        let result = try shop.slipway(["push"] + arguments + [name])
        #expect(result.status == 0, "\(arguments): \(result.errorText)")
      }
      let environment = try shop.slipway(["pull", name], ["SSL_CERT_FILE": files + "/ca.crt"])
      #expect(environment.status == 0, "\(environment.errorText)")
      let folder = "home/.config/containers/certs.d/\(registry.authority)/ca.crt"
      try shop.write(folder, String(decoding: try Files.read(files + "/ca.crt"), as: UTF8.self))
      try shop.run("pull", name)
    }
  }

  @Test(
    "A cache in a registry, or in the image, serves a builder that has nothing",
    arguments: ["registry", "inline"])
  func cache(_ kind: String) throws {
    try withShop { shop in
      let registry = try DockerRegistry(shop.folder + "/registry")
      let name = registry.authority + "/app"
      try shop.write("c/Dockerfile", "FROM scratch AS a\nCOPY f /f\nCOPY Dockerfile /d\nFROM a\nCOPY f /g\n")
      let option = kind == "inline" ? "type=inline" : "type=registry,ref=\(name):cache,mode=max"
      let built = try shop.run("build", "-q", "-t", "\(name):1", "--push", "--cache-to", option, "c")
      let source = kind == "inline" ? "\(name):1" : "type=registry,ref=\(name):cache"
      let other = try shop.slipway(
        [
          "build", "--progress", "plain", "--explain-cache", "--cache-from", source, "--cache-to", option,
          "c",
        ],
        ["SLIPWAY_ROOT": shop.folder + "/other"])
      #expect(other.status == 0, "\(other.errorText)")
      #expect(
        other.errorText.split(separator: "\n").count { $0.hasSuffix("cache: hit") } == 3, "\(other.errorText)"
      )
      #expect(other.outputText.split(separator: "\n")[0] == built.split(separator: "\n")[0])
      #expect(try shop.run("verify", root: "other") == "")
      let none = try shop.slipway(["build", "--cache-from", "type=registry,ref=\(name):none", "c"])
      #expect(none.status == 0 && none.errorText.contains("there is no cache yet"))
    }
  }

  @Test("Wrong usage ends with 2, and what is not there with 1")
  func usage() throws {
    try withShop { (shop) throws in
      for arguments in [
        ["pull"], ["pull", "UPPER"], ["pull", "-a", "--platform", "amd64", "x"], ["push", "x@sha256:12"],
        ["push"],
        ["pull", "localhost:1/x"], ["login", "--password-stdin"], ["login", "-u", "x"],
      ] { #expect(try shop.slipway(arguments).status == 2, "\(arguments)") }
      #expect(try shop.slipway(["push", "localhost:1/x"]).status == 1)
    }
  }
}
