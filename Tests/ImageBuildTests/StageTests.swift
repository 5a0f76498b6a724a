import DockerfileSyntax
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// Which stages are built, and in what order.
@Suite("Stages")
struct StageTests {
  @Test("F03 only what the target needs is planned")
  func reachable() throws {
    let text = "FROM scratch AS a\nFROM nothere AS b\nSTOPSIGNAL X\nFROM scratch\nCOPY --from=a /x /"
    #expect(try plan(text).stages.map(\.number) == [0, 2])
  }

  @Test("F01b, F05 names of stages do not mind letter case, and numbers work")
  func names() throws {
    let text = "FROM scratch AS Bug\nFROM BUG AS b\nFROM scratch\nCOPY --from=bUg /x /"
    #expect(try plan(text).stages.map(\.number) == [0, 2])
    #expect(try plan(text) { $0.target = "B" }.stages.map(\.number) == [0, 1])
    #expect(try plan(text) { $0.target = "0" }.stages.map(\.number) == [0])
  }

  @Test("F05 a target that does not exist: the stages are listed")
  func unknownTarget() throws {
    #expect(
      try problems("FROM scratch AS a\nFROM scratch AS B") { $0.target = "zz" }
        == [.unknownTarget("zz", available: ["a", "B"])])
  }

  @Test("F01 the last of several stages of one name counts, and a stage may be called scratch")
  func doubles() throws {
    let built = try plan("FROM scratch AS a\nENV v=1\nFROM scratch AS a\nENV v=2\nFROM a\nLABEL l=$v")
    #expect(try built.label("l") == "2")
    let shadow = try plan("FROM scratch AS scratch\nENV v=1\nFROM scratch\nLABEL l=$v")
    #expect(try shadow.label("l") == "1")
  }

  @Test("F02, F04 a stage has to stand above what copies from it")
  func order() throws {
    #expect(
      try problems("FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nFROM a") == [.laterStage("b")])
    #expect(try problems("FROM scratch AS a\nCOPY --from=a /x /") == [.circularStage("a")])
  }

  @Test("F06 platforms")
  func platforms() throws {
    #expect(try plan("FROM --platform=linux/arm64 scratch\nLABEL a=b").image.platform.architecture == "arm64")
    let images = ["b": base()]
    let other = Platform.host.architecture == "arm64" ? "amd64" : "arm64"
    try Files.withTemporaryFolder { folder in
      // A kernel that has no handlers.
      try Files.write(Array("enabled\n".utf8), to: folder + "/status")
      let text = "FROM --platform=linux/\(other) scratch\nRUN x"
      let found = try problems(text, images: images) { $0.handlerFolder = folder }
      let wanted = Platform(os: "linux", architecture: other)
      #expect(found == [.foreignPlatform(wanted: wanted, host: .host, .noEmulator)])
    }
    #expect(try problems("FROM --platform=f_o/o/o/o scratch").count == 1)
  }

  @Test("F12 triggers with mistakes in them are told at the FROM")
  func triggers() throws {
    let images = ["b": base { $0.onBuild = ["STOPSIGNAL X", "FROM y", "COPY", "RUN a\nRUN b"] }]
    do {
      _ = try plan("FROM b", images: images)
      Issue.record("accepted")
    } catch BuildError.invalid(let problems) {
      #expect(problems.count == 4)
      #expect(problems.allSatisfy { $0.instruction == 0 && $0.trigger != nil })
    }
  }

  @Test("A base that is nowhere is told with its name")
  func missingBase() throws {
    #expect(try problems("FROM nothere") == [.base("nothere", .notFound)])
  }
}

/// The small parsers of values.
@Suite("Values")
struct ValueTests {
  @Test("E33 ports")
  func ports() {
    #expect(exposedPorts("80") == ["80/tcp"])
    #expect(exposedPorts("1-3/udp") == ["1/udp", "2/udp", "3/udp"])
    #expect(exposedPorts("127.0.0.1:8080:80/TCP") == ["80/tcp"])
    #expect(exposedPorts("[::1]:80:80") == ["80/tcp"])
    #expect(exposedPorts("80/") == ["80/tcp"])
    for text in ["", "x", "3-1", "65536", "1-2:80-82", "1.2.3:80:80", "-1"] {
      #expect(exposedPorts(text) == nil, "\(text)")
    }
  }

  @Test("E36 signals")
  func signals() {
    for text in ["SIGTERM", "kill", "9", "9999", "SIGRTMIN+3", "rtmax-1"] {
      #expect(isSignal(text), "\(text)")
    }
    for text in ["", "0", "SIGFOO", "-9", "RTMIN+16", "RTMIN-1"] { #expect(!isSignal(text), "\(text)") }
  }

  /// A mode, what it is applied to, and what comes out.
  static let modes: [(String, UInt32, Bool, UInt32)] = [
    ("0644", 0o777, false, 0o644), ("4755", 0, false, 0o4755), ("7777", 0, true, 0o7777),
    ("u=rwX,go=rX", 0o600, false, 0o644), ("u=rwX,go=rX", 0o700, false, 0o755),
    ("u=rwX,go=rX", 0o600, true, 0o755), ("+x", 0o644, false, 0o755), ("a-x,u+s", 0o755, false, 0o4644),
    ("g=u", 0o740, false, 0o770), ("o=", 0o777, false, 0o770), ("+t", 0o755, true, 0o1755),
    ("u=rw,u+x", 0, false, 0o700),
  ]

  @Test("C80, C81 modes", arguments: modes.indices)
  func mode(index: Int) throws {
    let (text, before, isDirectory, after) = Self.modes[index]
    let change = try #require(ModeChange(Array(text.utf8)), "\(text)")
    #expect(change.applied(to: before, isDirectory: isDirectory) == after, "\(text)")
  }

  @Test("C80 what is no mode")
  func noModes() {
    for text in ["8", "abc", "17777", "u", "u=rwz", "", "u=r,", "0x1"] {
      #expect(ModeChange(Array(text.utf8)) == nil, "\(text)")
    }
  }

  @Test("Times are printed as Go prints them")
  func times() {
    #expect(timestampText(seconds: 0) == "1970-01-01T00:00:00Z")
    #expect(timestampText(seconds: 951_782_400) == "2000-02-29T00:00:00Z")
    #expect(timestampText(seconds: -1) == "1969-12-31T23:59:59Z")
    #expect(timestampText(seconds: 1, nanoseconds: 120_000_000) == "1970-01-01T00:00:01.12Z")
    #expect(HistoryText.duration(0) == "0s")
    #expect(HistoryText.duration(1_500_000_000) == "1.5s")
    #expect(HistoryText.duration(3_600_000_000_000) == "1h0m0s")
    #expect(HistoryText.duration(2_000_000) == "2ms")
  }

  @Test("Strings are quoted as Go quotes them")
  func quoting() {
    #expect(HistoryText.quoted("a\"b\\\n\u{1}é\u{200B}") == #""a\"b\\\n\x01é\u200b""#)
  }
}
