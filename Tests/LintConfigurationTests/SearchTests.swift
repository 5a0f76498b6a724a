import Diagnostics
import DockerfileLint
import LintConfiguration
import SourceText
import Synchronization
import Testing

@Suite("Where configuration is found")
struct SearchTests {
  private func resolver(
    _ files: any ConfigurationFiles, in folder: String = "/work", home: String? = "/home/u",
    configHome: String? = nil,
    explicit: String? = nil, isOff: Bool = false
  ) -> ConfigurationResolver {
    ConfigurationResolver(
      search: ConfigurationSearch(
        files: files,
        places: ConfigurationPlaces(workingFolder: folder, home: home, configHome: configHome),
        explicit: explicit,
        isOff: isOff), workingFolder: folder, environment: .init(), commandLine: .init())
  }

  @Test("the nearest folder above the Dockerfile wins, for each kind")
  func upwards() {
    var resolver = resolver(
      MemoryFiles([
        "/.slipway.yaml": "", "/work/.hadolint.yaml": "", "/work/a/.hadolint.yml": "",
        "/work/a/b/.slipway.yml": "",
        "/home/u/.hadolint.yaml": "",
      ]))
    #expect(resolver.configurationFiles("Dockerfile") == [".hadolint.yaml", "/.slipway.yaml"])
    #expect(resolver.configurationFiles("a/Dockerfile") == ["a/.hadolint.yml", "/.slipway.yaml"])
    #expect(resolver.configurationFiles("a/b/c/d/Dockerfile") == ["a/.hadolint.yml", "a/b/.slipway.yml"])
    #expect(resolver.configurationFiles("/work/a/../b/Dockerfile") == [".hadolint.yaml", "/.slipway.yaml"])
    #expect(resolver.configurationFiles("-") == [".hadolint.yaml", "/.slipway.yaml"])
    #expect(
      resolver.configurationFiles("/elsewhere/Dockerfile") == [".hadolint.yaml", "/.slipway.yaml"],
      "the current folder counts for what lies elsewhere")
  }

  @Test("yaml comes before yml")
  func endings() {
    var resolver = resolver(MemoryFiles(["/work/.hadolint.yaml": "", "/work/.hadolint.yml": ""]))
    #expect(resolver.configurationFiles("Dockerfile") == [".hadolint.yaml"])
  }

  @Test("then hadolint's places, in its order")
  func places() {
    let order = [
      "/x/.hadolint.yaml", "/x/.hadolint.yml", "/home/u/.config/hadolint.yaml",
      "/home/u/.config/hadolint.yml",
      "/home/u/.hadolint/hadolint.yaml", "/home/u/.hadolint/hadolint.yml", "/home/u/.hadolint/config.yaml",
      "/home/u/.hadolint/config.yml", "/home/u/.hadolint.yaml", "/home/u/.hadolint.yml",
    ]
    for (index, path) in order.enumerated() {
      var resolver = resolver(
        MemoryFiles(Dictionary(uniqueKeysWithValues: order[index...].map { ($0, "") })), in: "/x")
      let shown = path.hasPrefix("/x/") ? String(path.dropFirst(3)) : path
      #expect(resolver.configurationFiles("/elsewhere/Dockerfile") == [shown])
    }
    var resolver = resolver(
      MemoryFiles(["/xdg/hadolint.yml": "", "/home/u/.config/hadolint.yaml": ""]), configHome: "/xdg")
    #expect(resolver.configurationFiles("Dockerfile") == ["/xdg/hadolint.yml"])
  }

  @Test("a file that is named counts alone; --no-config lets none count")
  func explicit() {
    let files = MemoryFiles([
      "/work/.hadolint.yaml": "", "/work/.slipway.yaml": "", "/etc/lint.yaml": "ids: buildkit",
    ])
    var named = resolver(files, explicit: "../etc/lint.yaml")
    #expect(named.configurationFiles("Dockerfile") == ["/etc/lint.yaml"])
    #expect(named.configurations.first?.settings.names == .buildkit)
    var off = resolver(files, isOff: true)
    #expect(off.configurationFiles("Dockerfile") == [])
    var missing = resolver(files, explicit: "nope.yaml")
    #expect(missing.configurationFiles("Dockerfile") == [])
    #expect(missing.search.failures.map(\.path) == ["nope.yaml"])
  }

  @Test("a file that cannot be read is a failure, once")
  func unreadable() {
    var resolver = resolver(MemoryFiles([:], unreadable: ["/work/.hadolint.yaml"]))
    _ = resolver.resolve("Dockerfile")
    _ = resolver.resolve("a/Dockerfile")
    #expect(
      resolver.search.failures == [ConfigurationFailure(path: ".hadolint.yaml", reason: "no permission")])
  }

  @Test(".slipway.yaml wins for scalars, lists add up")
  func both() throws {
    var resolver = resolver(
      MemoryFiles([
        "/work/.hadolint.yaml": "ignored: [DL3006]\nfailure-threshold: error\noverride: {error: [DL3020]}\n",
        "/work/.slipway.yaml": "ignored: [DL3007]\nfailure-threshold: style\noverride: {style: [DL3020]}\n",
      ]))
    let configuration = resolver.resolved("Dockerfile")
    #expect(configuration.settings.ignored == ["DL3006", "DL3007"])
    #expect(configuration.threshold == .style)
    #expect(configuration.settings.severities == ["DL3020": .error])
  }

  @Test("overrides hold for their paths, the later stronger; exclude leaves files out")
  func overrides() {
    var resolver = resolver(
      MemoryFiles([
        "/work/a/.slipway.yaml": """
        ignored: [DL3001]
        exclude: [vendor]
        overrides:
          - paths: ["*.dev"]
            ignored: [DL3002]
            failure-threshold: error
            rules: {DL3006: off}
          - paths: test/**
            failure-threshold: style
            rules: {DL3006: info}
        """
      ]))
    #expect(resolver.resolved("a/Dockerfile").settings.ignored == ["DL3001"])
    #expect(resolver.resolved("a/x.dev").settings.ignored == ["DL3001", "DL3002", "DL3006"])
    #expect(resolver.resolved("a/x.dev").threshold == .error)
    let both = resolver.resolved("a/test/x.dev")
    #expect(both.settings.ignored == ["DL3001", "DL3002"])
    #expect(both.settings.severities == ["DL3006": .info])
    #expect(both.threshold == .style)
    #expect(resolver.configurations.count == 3)
    #expect(resolver.resolve("a/vendor/x/Dockerfile").excludedBy == "a/.slipway.yaml")
    #expect(resolver.resolve("a/Dockerfile").excludedBy == nil)
    #expect(
      resolver.resolve("vendor/Dockerfile").excludedBy == nil, "patterns are relative to the file's folder")
  }

  @Test("extends: what a file builds on is weaker; paths are relative to the file that names them")
  func extends() {
    var resolver = resolver(
      MemoryFiles([
        "/work/.slipway.yaml": "extends: [shared/a.yaml, shared/.hadolint.yaml]\nfailure-threshold: info\n",
        "/work/shared/a.yaml":
          "extends: b.yaml\nignored: [DL3001]\nfailure-threshold: error\nrules: {DL3006: error, DL3007: off}\n",
        "/work/shared/b.yaml": "ignored: [DL3002]\nrules: {DL3006: {severity: off, o: 1}}\nids: buildkit\n",
        "/work/shared/.hadolint.yaml": "ignored: [DL3003]\nids: buildkit\n",
      ]))
    let configuration = resolver.resolved("Dockerfile")
    #expect(
      configuration.files == ["shared/b.yaml", "shared/a.yaml", "shared/.hadolint.yaml", ".slipway.yaml"])
    #expect(configuration.settings.ignored == ["DL3001", "DL3002", "DL3003", "DL3007"])
    #expect(configuration.settings.severities == ["DL3006": .error])
    #expect(configuration.settings.ruleOptions == ["DL3006": ["o": "1"]])
    #expect(configuration.threshold == .info)
    #expect(
      resolver.search.problems.map(\.diagnostic.code.name) == ["unknown-key"],
      "hadolint's file has hadolint's keys")
  }

  @Test("extends: cycles, missing files and chains without end are reported, and the rest counts")
  func badExtends() {
    var cyclic = resolver(
      MemoryFiles([
        "/work/.slipway.yaml": "extends: [a.yaml, .slipway.yaml, missing.yaml]\nignored: [DL3001]\n",
        "/work/a.yaml": "extends: .slipway.yaml\nignored: [DL3002]\n",
      ]))
    #expect(cyclic.resolved("Dockerfile").settings.ignored == ["DL3001", "DL3002"])
    #expect(
      cyclic.search.problems.map {
        "\($0.source.name) \($0.diagnostic.range.lower) \($0.diagnostic.code.name)"
      } == [
        "a.yaml 9 bad-extends", ".slipway.yaml 18 bad-extends", ".slipway.yaml 33 bad-extends",
      ])
    var content = ["/work/.slipway.yaml": "extends: f0.yaml\n"]
    for index in 0..<40 { content["/work/f\(index).yaml"] = "extends: f\(index + 1).yaml\n" }
    var long = resolver(MemoryFiles(content))
    #expect(long.resolved("Dockerfile").files.count == 17)
    #expect(long.search.problems.count == 1)
    content = [
      "/work/.slipway.yaml": "extends: [\((0..<100).map { "f\($0).yaml" }.joined(separator: ", "))]\n"
    ]
    for index in 0..<100 { content["/work/f\(index).yaml"] = "" }
    var wide = resolver(MemoryFiles(content))
    #expect(wide.resolved("Dockerfile").files.count == 64)
    var doubled = resolver(
      MemoryFiles([
        "/work/.slipway.yaml": "extends: [a.yaml, b.yaml]\n", "/work/a.yaml": "extends: b.yaml\n",
        "/work/b.yaml": "",
      ]))
    #expect(doubled.resolved("Dockerfile").files == ["b.yaml", "a.yaml", ".slipway.yaml"])
    #expect(doubled.search.problems.isEmpty)
  }

  @Test("a thousand files in one folder read its configuration once")
  func cache() {
    let files = CountingFiles(["/work/.hadolint.yaml": "ignored: [DL3006]\n"])
    var resolver = resolver(files)
    for index in 0..<1000 { _ = resolver.resolve("a/\(index).Dockerfile") }
    #expect(resolver.configurations.count == 1)
    #expect(files.counts.withLock { $0.values.max() } == 1)
    #expect(files.counts.withLock { $0.count } < 20)
  }

  @Test("the files of the system: a folder, a pipe and nothing are no configuration")
  func system() throws {
    #expect(try SystemConfigurationFiles().bytes(of: "/") == nil)
    #expect(try SystemConfigurationFiles().bytes(of: "/nonexistent/.hadolint.yaml") == nil)
    #expect(try SystemConfigurationFiles().bytes(of: "/dev/null") == nil)
    #expect(try SystemConfigurationFiles().bytes(of: "/proc/self/cmdline") != nil)
  }
}

/// Files in memory that count how often each is asked for.
private final class CountingFiles: ConfigurationFiles {
  let content: [String: String]
  let counts = Mutex<[String: Int]>([:])

  init(_ content: [String: String]) { self.content = content }

  func bytes(of path: String) throws(ConfigurationFailure) -> [UInt8]? {
    counts.withLock { $0[path, default: 0] += 1 }
    return content[path].map { Array($0.utf8) }
  }
}

extension ConfigurationResolver {
  fileprivate mutating func resolved(_ path: String) -> EffectiveConfiguration {
    let resolution = resolve(path)
    return configurations[resolution.configuration]
  }

  fileprivate mutating func configurationFiles(_ path: String) -> [String] { resolved(path).files }
}
