import DockerfileSyntax
import SourceText
import Testing

@Suite("What instructions mean")
struct ModelTests {
  private func last(_ text: String) throws -> Instruction { try #require(read(text).instructions.last) }

  @Test("FROM: image, name, platform")
  func from() throws {
    let instruction = try last("FROM --platform=$BUILDPLATFORM debian:12 as Base")
    guard case .from(let from) = instruction.details else { throw Unexpected() }
    #expect(from.image?.string == "debian:12")
    #expect(from.asKeyword?.string == "as")
    #expect(from.name?.string == "Base")
    #expect(from.platform?.string == "$BUILDPLATFORM")
  }

  @Test("stages: where they start, what they are called, how they are found")
  func stages() throws {
    let file = Dockerfile(
      parsing: Source(name: "x", text: "ARG A\nFROM a AS One\nRUN x\nFROM b\nFROM c AS one\nRUN y\n"))
    #expect(file.preamble == 0..<1)
    #expect(file.stages.map(\.start) == [1, 3, 4])
    #expect(file.stages.map(\.body) == [2..<3, 4..<4, 5..<6])
    #expect(file.stages.map(\.name) == ["one", nil, "one"])
    #expect(file.stage(named: "ONE")?.number == 2)
    #expect(file.stage(named: "1")?.number == 1)
    #expect(file.stage(named: "3") == nil)
    #expect(file.stage(of: 0) == nil)
    #expect(file.stage(of: 2)?.number == 0)
    #expect(file.stage(of: 5)?.number == 2)
    #expect(file.problems.isEmpty)
  }

  @Test("COPY: sources, destination, flags")
  func copy() throws {
    let instruction = try last("COPY --from=build --chown=1:2 a b /c/")
    guard case .copy(let transfer) = instruction.details else { throw Unexpected() }
    #expect(transfer.paths.map(\.string) == ["a", "b"])
    #expect(transfer.destination?.string == "/c/")
    #expect(!transfer.isExec)
    #expect(instruction.flag("chown")?.value?.string == "1:2")
    #expect(instruction.flag("chmod") == nil)
  }

  @Test("ADD in exec form")
  func add() throws {
    guard case .add(let transfer) = try last("ADD [\"a b\", \"/c\"]").details else { throw Unexpected() }
    #expect(transfer.isExec)
    #expect(transfer.paths.map(\.string) == ["a b"])
    #expect(transfer.destination?.string == "/c")
  }

  @Test("COPY from here-documents and files in the order they stand")
  func heredocSources() throws {
    guard case .copy(let transfer) = try last("COPY <<a x << b y /d\n1\na\n2\nb\n").details else {
      throw Unexpected()
    }
    let names = transfer.sources.map { source in
      switch source {
      case .path(let word): word.string
      case .heredoc(let heredoc): "<<\(heredoc.nameText)"
      }
    }
    #expect(names == ["<<a", "x", "<<b", "y"])
  }

  @Test("RUN: shell and exec form, mounts")
  func run() throws {
    guard case .run(let shell) = try last("RUN a  && b").details else { throw Unexpected() }
    #expect(shell.command.words.map(\.string) == ["a  && b"])
    #expect(!shell.command.isExec)
    guard case .run(let exec) = try last("RUN --mount=type=cache,target=/c [\"a\"]").details else {
      throw Unexpected()
    }
    #expect(exec.command.isExec)
    #expect(exec.mounts.first?.fields.map(\.key) == ["type", "target"])
    #expect(exec.mounts.first?.value("dst", "target") == Array("/c".utf8))
    guard case .run(let empty) = try last("RUN").details, case .none = empty.command else {
      throw Unexpected()
    }
  }

  @Test("ENV, LABEL and ARG: names and values")
  func assignments() throws {
    func list(_ text: String) throws -> [String] {
      switch try last(text).details {
      case .env(let list), .label(let list), .arg(let list):
        list.map { "\($0.name.string)|\($0.value?.string ?? "nil")\($0.isLegacy ? "|legacy" : "")" }
      default: throw Unexpected()
      }
    }
    #expect(try list("ENV a=1 b=\"2 3\"") == ["a|1", "b|\"2 3\""])
    #expect(try list("ENV a b c") == ["a|b c|legacy"])
    #expect(try list("LABEL \"x y\"=z") == ["\"x y\"|z"])
    #expect(try list("ARG a b=1 c=") == ["a|nil", "b|1", "c|"])
    #expect(try list("ENV a=b=c") == ["a|b=c"])
  }

  @Test("the words of a verbatim argument lie where the file has them")
  func places() throws {
    let file = read("ENV name=value\n")
    guard case .env(let list) = try #require(file.instructions.last).details else { throw Unexpected() }
    #expect(file.tree.text(list[0].name.range) == "name")
    #expect(list[0].value.map { file.tree.text($0.range) } == "value")
  }

  @Test(
    "durations of HEALTHCHECK, in nanoseconds",
    arguments: [
      ("5s", 5_000_000_000), ("1m30s", 90_000_000_000), ("1.5h", 5_400_000_000_000), ("500ms", 500_000_000),
      ("0", 0), ("0s", 0), ("1000us", 1_000_000), ("1000µs", 1_000_000), ("1h1m1s1ms", 3_661_001_000_000),
      ("+5s", 5_000_000_000), (".5s", 500_000_000), ("5.s", 5_000_000_000),
      ("2540400h10m10s", 9_145_440_610_000_000_000),
      ("1000000ns", 1_000_000), ("0.1s", 100_000_000),
    ] as [(String, Int64)])
  func durations(text: String, nanoseconds: Int64) throws {
    let file = read("HEALTHCHECK --interval=\(text) CMD x")
    #expect(file.problems.isEmpty)
    guard case .healthcheck(let check) = try #require(file.instructions.last).details else {
      throw Unexpected()
    }
    #expect(check.interval == nanoseconds)
  }

  @Test(
    "what is no duration",
    arguments: ["5", "s", "5 s", "5x", "-1s", "1us", "5s6", "--5s", "1.2.3s", ".s", "9999999999h", "+", "5S"])
  func badDurations(text: String) {
    let value = text.contains(" ") ? "\"\(text)\"" : text
    #expect(
      problems("HEALTHCHECK --timeout=\(value) CMD x") == [.invalidDuration(name: "timeout", value: text)])
  }

  @Test("a duration with very many decimals is read, not counted past the range of a number")
  func manyDecimals() throws {
    for text in [
      "1." + String(repeating: "9", count: 500) + "s", "0." + String(repeating: "0", count: 500) + "1h1s",
    ] {
      #expect(read("HEALTHCHECK --interval=\(text) CMD x").problems.isEmpty)
    }
  }

  @Test("HEALTHCHECK: type, command, retries")
  func healthcheck() throws {
    guard case .healthcheck(let check) = try last("HEALTHCHECK --retries=3 CMD curl x").details else {
      throw Unexpected()
    }
    #expect(check.retries == 3)
    #expect(check.command.words.map(\.string) == ["curl x"])
    guard case .healthcheck(let none) = try last("healthcheck none").details else { throw Unexpected() }
    #expect(none.isNone)
  }

  @Test("instructions of one text or of words")
  func simple() throws {
    guard case .user(let user) = try last("USER a:b").details else { throw Unexpected() }
    #expect(user?.string == "a:b")
    guard case .workdir(let path) = try last("WORKDIR /a b").details else { throw Unexpected() }
    #expect(path?.string == "/a b")
    guard case .stopsignal(let signal) = try last("STOPSIGNAL 9").details else { throw Unexpected() }
    #expect(signal?.string == "9")
    guard case .expose(let ports) = try last("EXPOSE 80 81/udp").details else { throw Unexpected() }
    #expect(ports.map(\.string) == ["80", "81/udp"])
    guard case .volume(let paths) = try last("VOLUME [\"/a b\"]").details else { throw Unexpected() }
    #expect(paths.map(\.string) == ["/a b"])
    guard case .onbuild(let inner?) = try last("ONBUILD USER x").details else { throw Unexpected() }
    #expect(inner.kind == .user)
    #expect(inner.index == 1)
  }

  @Test("a mount, expanded and checked")
  func mount() throws {
    let text = "RUN --mount=type=cache,target=/c/$V,id=x,sharing=LOCKED,mode=0750,uid=1,gid=2,ro x"
    guard case .run(let run) = try last(text).details else { throw Unexpected() }
    let mount = try #require(run.mounts.first).mount { $0 == Array("/c/$V".utf8) ? Array("/c/v".utf8) : $0 }
    #expect(mount.kind == .cache)
    #expect(mount.target == Array("/c/v".utf8))
    #expect(mount.sharing == .locked)
    #expect(mount.mode == 0o750)
    #expect(mount.isReadOnly)
    #expect(mount.uid == 1 && mount.gid == 2)
  }

  @Test("a bind mount is read-only unless told, a cache is not; a size has units of 1024")
  func mountDefaults() throws {
    func mount(_ value: String) throws -> Mount {
      guard case .run(let run) = try last("RUN --mount=\(value) x").details else { throw Unexpected() }
      return try #require(run.mounts.first).mount { $0 }
    }
    #expect(try mount("target=/a").isReadOnly)
    #expect(try !mount("target=/a,rw").isReadOnly)
    #expect(try !mount("type=cache,target=/a").isReadOnly)
    #expect(try mount("type=tmpfs,target=/a,size=1.5k").size == 1536)
    #expect(try mount("type=tmpfs,target=/a,size=2GiB").size == 2 << 30)
  }
}

struct Unexpected: Error {}
