import TestSupport
import Testing

/// `--progress` of `pull`, `push`, `copy` and `load`: bars, lines, nothing, or JSON.
@Suite(
  "Progress of transfers", .enabled(if: Processes.slipway != nil, "the program has not been built"),
  .enabled(if: DockerRegistry.isInstalled, "docker-registry is not installed"))
struct TransferProgressTests {
  /// A folder with `app:1`, of one layer, in its store, in `app.tar` and in a registry.
  private struct Shop {
    let folder: String
    let program: String
    let registry: DockerRegistry

    var name: String { registry.authority + "/app:1" }

    func slipway(_ arguments: String..., root: String = "store") throws -> ProcessResult {
      try Processes.run(
        program, arguments, environment: TransferProgressTests.environment(folder, root), folder: folder)
    }
  }

  private static func environment(_ folder: String, _ root: String) -> [String: String?] {
    [
      "HOME": folder + "/home", "SLIPWAY_ROOT": "\(folder)/\(root)", "DOCKER_CONFIG": nil,
      "REGISTRY_AUTH_FILE": nil,
      "XDG_RUNTIME_DIR": folder + "/run", "XDG_CONFIG_HOME": nil, "SLIPWAY_REGISTRY_MIRRORS": "",
      "SOURCE_DATE_EPOCH": "1700000000", "http_proxy": nil, "HTTP_PROXY": nil, "https_proxy": nil,
      "HTTPS_PROXY": nil,
      "ALL_PROXY": nil, "all_proxy": nil,
    ]
  }

  private func withShop(_ body: (Shop) throws -> Void) throws {
    let program = try #require(Processes.slipway)
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("FROM scratch\nCOPY Dockerfile /\n".utf8), to: folder + "/c/Dockerfile")
      let shop = Shop(folder: folder, program: program, registry: try DockerRegistry(folder + "/registry"))
      for output in [["--push"], ["-o", "app.tar"], []] {
        let built = try Processes.run(
          program, ["build", "-q", "-t", shop.name] + output + ["c"],
          environment: Self.environment(folder, "store"), folder: folder)
        #expect(built.status == 0, "\(built.errorText)")
      }
      try body(shop)
    }
  }

  private func objects(_ result: ProcessResult) throws -> [JSONDocument] {
    try result.errorText.split(separator: "\n").map { try JSONDocument($0) }
  }

  /// What is said of blobs, one after the other, without the digests.
  private func course(_ objects: [JSONDocument]) -> [String] {
    objects.map { object in object["status"].text ?? object.keys.joined(separator: " ") }
  }

  @Test("json: each event is an object on its line, with digests in full, and the result at the end")
  func json() throws {
    try withShop { (shop) throws in
      let pulled = try shop.slipway("pull", "--progress", "json", shop.name, root: "other")
      #expect(pulled.status == 0, "\(pulled.errorText)")
      var events = try objects(pulled)
      // Layer and configuration come at once, in any order.
      #expect(
        course(events).sorted() == [
          "Downloaded newer image", "Downloading", "Downloading", "Manifest", "Pull complete",
          "Pull complete",
        ], "\(pulled.errorText)")
      #expect(events[0].keys == ["digest", "id", "size", "status"] && events[0]["id"].text == "1")
      let last = try #require(events.last)
      #expect(last["name"].text == shop.name)
      #expect(last["digest"].text == events[0]["digest"].text)
      #expect(pulled.outputText.hasPrefix("Digest: \(last["digest"].text ?? "")\n"))
      for event in events where event["status"].text == "Downloading" {
        #expect(event["progressDetail"].keys == ["current", "total"])
        #expect(event["progressDetail"]["current"].integer <= event["progressDetail"]["total"].integer)
        #expect(event["digest"].text?.hasPrefix("sha256:\(event["id"].text ?? "none")") == true)
      }

      events = try objects(shop.slipway("pull", "--progress", "json", "-q", shop.name, root: "other"))
      #expect(
        course(events).sorted() == ["Already exists", "Already exists", "Image is up to date", "Manifest"])
      events = try objects(shop.slipway("push", "--progress", "json", shop.name))
      #expect(
        course(events).sorted() == ["Layer already exists", "Layer already exists", "Manifest", "Pushed"])
      events = try objects(shop.slipway("load", "--progress", "json", "-i", "app.tar", root: "third"))
      #expect(course(events).filter { $0 == "Loaded" }.count == 3 && course(events).last == "Loaded image")
      events = try objects(
        shop.slipway("copy", "--progress", "json", "docker://" + shop.name, "oci:got", root: "fourth"))
      #expect(course(events).filter { $0 == "Pull complete" }.count == 2)
    }
  }

  @Test("json: what ends a transfer is an object too, and the exit status stays")
  func jsonErrors() throws {
    try withShop { (shop) throws in
      let none = shop.registry.authority + "/none:1"
      let cases: [([String], Int32)] = [
        (["pull", none], 1), (["copy", "docker://" + none, "x:1"], 1), (["load", "-i", "c/Dockerfile"], 1),
        (["pull", "127.0.0.1:1/none:1"], 2),
      ]
      for (arguments, status) in cases {
        let refused = try Processes.run(
          shop.program, arguments + ["--progress", "json"],
          environment: Self.environment(shop.folder, "other"),
          folder: shop.folder)
        #expect(refused.status == status, "\(arguments): \(refused.errorText)")
        let last = try #require(try objects(refused).last)
        #expect(last.keys == ["error", "errorDetail"])
        #expect(last["errorDetail"]["message"].text == last["error"].text && last["error"].text != "")
      }
    }
  }

  @Test("Without a terminal there is a line for each blob; quiet says nothing but results")
  func plain() throws {
    try withShop { (shop) throws in
      for mode in ["auto", "plain", "tty"] {
        let pulled = try shop.slipway("pull", "--progress", mode, shop.name, root: mode)
        #expect(
          pulled.errorText.split(separator: "\n").count { $0.contains(": Pull complete ") } == 2,
          "\(pulled.errorText)")
        #expect(!pulled.errorText.contains("\u{1B}") && !pulled.errorText.contains("["))
      }
      let loaded = try shop.slipway("load", "-i", "app.tar", root: "loaded")
      #expect(loaded.errorText.split(separator: "\n").count { $0.contains(": Loaded ") } == 3)
      for arguments in [["pull", shop.name], ["push", shop.name], ["load", "-i", "app.tar"]] {
        let quiet = try Processes.run(
          shop.program, arguments + ["--progress", "quiet"],
          environment: Self.environment(shop.folder, "store"),
          folder: shop.folder)
        #expect(quiet.status == 0 && quiet.errorText == "" && quiet.outputText != "", "\(quiet.errorText)")
      }
    }
  }

  @Test(
    "On a terminal there are bars, which make room for the lines of what is done",
    .enabled(if: TerminalSession.isPossible, "python3 is not installed"))
  func bars() throws {
    try withShop { (shop) throws in
      let variables = Self.environment(shop.folder, "other").merging(["TERM": "xterm"]) { $1 }
      for (arguments, word) in [
        (["pull", shop.name], "Downloading"), (["load", "-i", "app.tar"], "Loading layer"),
      ] {
        let result = try TerminalSession.run(
          [shop.program] + arguments, environment: variables, folder: shop.folder, [])
        #expect(result.status == 0 && result.isRestored)
        #expect(result.shown.contains("\u{1B}["), "\(result.shown)")
        #expect(result.shown.contains(": \(word) ["), "\(result.shown)")
      }
    }
  }
}
