import FileTree
import Glibc
import Isolation
import OCIModel
import TestSupport
import Testing

@testable import ImageBuild

/// RUN for other platforms than this machine's.
@Suite("Platforms of commands")
struct PlatformTests {
  private static let amd64 = Platform(os: "linux", architecture: "amd64")
  private static let arm64 = Platform(os: "linux", architecture: "arm64")
  /// One that this machine's CPU does not have.
  private static let foreign = Platform.host.architecture == "arm64" ? amd64 : arm64

  private static let machines = [("amd64", "3e00"), ("arm64", "b700"), ("riscv64", "f300")]

  /// A folder of binfmt_misc with a handler for some architectures.
  private func withHandlers(
    _ architectures: [String], _ state: String = "enabled", flags: String = "F",
    _ body: (String) throws -> Void
  ) throws {
    try Files.withTemporaryFolder { folder in
      try Files.write(Array("enabled\n".utf8), to: folder + "/status")
      for (name, machine) in Self.machines where architectures.contains(name) {
        let text =
          "\(state)\ninterpreter /emulator/\(name)\nflags: \(flags)\noffset 18\nmagic \(machine)\n"
        try Files.write(Array(text.utf8), to: folder + "/qemu-" + name)
      }
      try body(folder)
    }
  }

  private func verdict(
    _ wanted: String, on host: Platform = amd64, _ folder: String
  ) throws -> CommandPlatforms.Verdict {
    CommandPlatforms(host: host, handlerFolder: folder).verdict(on: try Platform(parsing: wanted))
  }

  @Test("The machine's own architecture runs, whatever its variant; another one if the kernel has a handler")
  func verdicts() throws {
    try withHandlers(["arm64"]) { (folder) throws in
      for wanted in ["linux/amd64", "linux/amd64/v3", "linux/arm64", "linux/arm64/v9"] {
        #expect(try verdict(wanted, folder) == .runs, "\(wanted)")
      }
      #expect(try verdict("linux/arm64/v8", on: Self.arm64, folder) == .runs)
      #expect(try verdict("linux/riscv64", folder) == .cannot(.noEmulator))
      #expect(try verdict("linux/arm/v7", folder) == .cannot(.noEmulator))
      #expect(try verdict("windows/amd64", folder) == .cannot(.system))
      // The CPU may take them; that only shows when one is tried.
      #expect(try verdict("linux/386", folder) == .unknown)
      #expect(try verdict("linux/arm/v7", on: Self.arm64, folder) == .unknown)
      #expect(try verdict("linux/arm/v6", on: Self.arm64, folder) == .unknown)
      #expect(try verdict("linux/386", on: Self.arm64, folder) == .cannot(.noEmulator))
    }
    try withHandlers(["arm64"], flags: "OC") { (folder) throws in
      #expect(try verdict("linux/arm64", folder) == .runsWith(Array("/emulator/arm64".utf8)))
    }
    try withHandlers(["arm64"], "disabled") { folder in
      #expect(try verdict("linux/arm64", folder) == .cannot(.disabled("qemu-arm64")))
      try Files.write(Array("disabled\n".utf8), to: folder + "/status")
      #expect(try verdict("linux/arm64", folder) == .cannot(.allDisabled))
      #expect(try verdict("linux/amd64", folder) == .runs)
    }
    #expect(try verdict("linux/arm64", "/nonexistent") == .unknown)
  }

  @Test(
    "The plan tells what certainly does not run, at the first RUN of a stage; a build without one is fine")
  func plans() throws {
    try withHandlers(["riscv64"]) { (folder) throws in
      let text = "FROM --platform=\(Self.foreign) scratch\nCOPY f /\nRUN a\nENV b=c\nRUN d\nFROM 0\nRUN e\n"
      let problem = BuildProblem.Kind.foreignPlatform(wanted: Self.foreign, host: .host, .noEmulator)
      #expect(try problems(text) { $0.handlerFolder = folder } == [problem, problem])
      #expect(
        try problems("FROM --platform=\(Self.foreign) scratch\nCOPY f /\n") { $0.handlerFolder = folder }
          == [])
      #expect(
        try problems("FROM --platform=linux/riscv64 scratch\nRUN a\n") { $0.handlerFolder = folder } == [])
      // What only runs here is not asked for.
      let cross = "FROM --platform=$BUILDPLATFORM scratch\nRUN a\nFROM scratch\nCOPY --from=0 /f /\n"
      let request = { (request: inout BuildRequest) in
        request.handlerFolder = folder
        request.platform = Self.foreign
      }
      #expect(try problems(cross, [], request) == [])
      let arguments =
        "FROM scratch\nARG TARGETPLATFORM BUILDPLATFORM\nLABEL l=$TARGETPLATFORM:$BUILDPLATFORM\n"
      #expect(try plan(arguments, [], request).label("l") == "\(Self.foreign):\(Platform.host)")
    }
  }

  /// How trying a program ends, and whether commands run then.
  private static let outcomes: [(Isolation.ExitStatus, Bool)] = [
    (.exited(0), true), (.notStarted(code: 126, errno: ENOEXEC), false),
    // An interpreter that the empty root does not have: the stage may have it.
    (.notStarted(code: 127, errno: ENOENT), true), (.exited(1), false), (.signaled(SIGILL), false),
  ]

  @Test(
    "Where nothing can be seen a small program is tried, once for each architecture",
    arguments: outcomes.indices)
  func tries(_ index: Int) throws {
    let (status, runs) = Self.outcomes[index]
    let root = try SharedDirectory(opening: "/")
    let platforms = CommandPlatforms(host: Self.amd64, handlerFolder: "/nonexistent")
    var tried: [[UInt8]] = []
    func require(_ wanted: Platform) -> BuildProblem.Kind? {
      do throws(BuildProblem.Kind) {
        try platforms.require(wanted, in: root) { program in
          tried.append(program)
          return status
        }
        return nil
      } catch {
        return error
      }
    }
    let problem = BuildProblem.Kind.foreignPlatform(wanted: Self.arm64, host: Self.amd64, .refused)
    for _ in 0..<3 { #expect(require(Self.arm64) == (runs ? nil : problem)) }
    #expect(tried == [ELFProgram(architecture: "arm64")?.bytes])
    #expect(require(Self.amd64) == nil)
    // Nobody knows what its programs look like: the command itself will tell.
    #expect(require(Platform(os: "linux", architecture: "wasm")) == nil)
    #expect(tried.count == 1)
    _ = require(Platform(os: "linux", architecture: "arm", variant: "v6"))
    #expect(tried.count == 2)
  }

  @Test("Without the flag F the stage has to have the emulator, behind links or not")
  func interpreter() throws {
    try withHandlers(["arm64"], flags: "OC") { folder in
      let root = try SharedDirectory(opening: BytePath(folder))
      func link(_ path: BytePath, to target: BytePath) throws {
        try root.directory.makeDirectories(path.parent)
        try root.directory.makeSymbolicLink(to: target, at: path)
      }
      let platforms = CommandPlatforms(host: Self.amd64, handlerFolder: folder)
      func require() throws {
        try platforms.require(Self.arm64, in: root) { _ in .exited(1) }
      }
      let missing = BuildProblem.Kind.foreignPlatform(
        wanted: Self.arm64, host: Self.amd64, .noInterpreter(Array("/emulator/arm64".utf8)))
      #expect(throws: missing) { try require() }
      try link("emulator", to: "/usr/emulators")
      #expect(throws: missing) { try require() }
      try link("usr/emulators/arm64", to: "../lib/qemu")
      #expect(throws: missing) { try require() }
      try root.directory.makeDirectories("usr/lib")
      try root.directory.writeFile("usr/lib/qemu", [])
      try require()
      try root.directory.removeFile("usr/lib/qemu")
      try link("usr/lib/qemu", to: "/emulator/arm64")
      #expect(throws: missing) { try require() }
    }
  }

  // MARK: Real commands

  private func build(_ architecture: String, in shop: Workshop) throws -> BuiltImage {
    let program = try #require(ELFProgram(architecture: architecture)).bytes
    try Files.write(program, to: shop.folder + "/context/program")
    #expect(unsafe chmod(shop.folder + "/context/program", 0o755) == 0)
    return try shop.build("FROM scratch\nCOPY program /program\nRUN [\"/program\"]\n") {
      $0.platform = Platform(os: "linux", architecture: architecture)
    }
  }

  @Test(
    "A command of another architecture runs with the kernel's emulator, and the image is for that platform",
    .enabled(
      if: BinaryHandlers.read().finding(for: foreign.architecture) == .works,
      "needs an emulator with the flag F (Debian: qemu-user-static and binfmt-support)"),
    .enabled(if: IsolationProbe.current().userNamespace != nil, "needs namespaces"))
  func emulated() throws {
    try Workshop.open { shop in
      let image = try build(Self.foreign.architecture, in: shop)
      #expect(image.result.image.platform == Self.foreign)
      #expect(image.layers.count == 2)
    }
  }

  @Test(
    "A 32-bit command of the same family runs if this kernel executes such programs, and is told if not",
    .enabled(if: Platform.host.architecture == "amd64", "needs an amd64 machine"),
    .enabled(if: IsolationProbe.current().userNamespace != nil, "needs namespaces"))
  func related() throws {
    try Workshop.open { shop in
      let path = shop.folder + "/program"
      try Files.write(try #require(ELFProgram(architecture: "386")).bytes, to: path)
      #expect(unsafe chmod(path, 0o755) == 0)
      let runs = try Processes.run("sh", ["-c", "\(path)"]).status == 0
      do {
        _ = try build("386", in: shop)
        #expect(runs)
      } catch BuildError.step(let problem) {
        #expect(!runs)
        guard case .foreignPlatform = problem.kind else { throw problem }
      }
    }
  }

  @Test(
    "An emulator that the stage does not have is told at the RUN that needs it",
    .enabled(if: IsolationProbe.current().userNamespace != nil, "needs namespaces"))
  func missingInterpreter() throws {
    try withHandlers([Self.foreign.architecture], flags: "OC") { folder in
      try Workshop.open { shop in
        try shop.write("f")
        let failure = try shop.failure("FROM scratch\nCOPY f /f\nRUN [\"/f\"]\n") {
          $0.platform = Self.foreign
          $0.handlerFolder = folder
        }
        let path = Array("/emulator/\(Self.foreign.architecture)".utf8)
        #expect(
          failure.kind == .foreignPlatform(wanted: Self.foreign, host: .host, .noInterpreter(path)))
        #expect(failure.instruction == 2)
      }
    }
  }
}
